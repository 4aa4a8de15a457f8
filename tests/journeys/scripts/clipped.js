(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [sheet];
  const wrong = [];
  for (const node of document.querySelectorAll("body *")) {
    const style = getComputedStyle(node);
    const hides = [style.overflowX, style.overflowY].some((o) => o === "hidden" || o === "clip");
    const hidden = node.closest(".nhsuk-u-visually-hidden, thead, svg, .nhsuk-skip-link") || style.clipPath !== "none";
    if (!hides || hidden || !node.checkVisibility() || !node.textContent.trim()) continue;
    if (node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1)
      wrong.push(`${node.tagName}.${node.className}: ${node.textContent.trim().slice(0, 40)}`);
  }
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) wrong.push(`the page is ${over}px wider than the window`);
  return wrong;
}
