() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const box = node.getClientRects()[0];
  const [x, y] = [box.x + Math.min(box.width, innerWidth - box.x) / 2, box.y + box.height / 2];
  const there = document.elementFromPoint(x, y);
  const shown = !there || node.contains(there) || there.contains(node)
    || (node.labels && [...node.labels].some((label) => label.contains(there)));
  const name = (node.getAttribute("aria-label") || node.textContent || node.name || "").trim();
  return {index: window.appStops.indexOf(node), name: name.replace(/\s+/g, " ").slice(0, 40),
          tag: node.tagName, style: node.className, shown, x, y, height: innerHeight};
}
