(targets) => {
  const numbers = (text) => text.match(/[0-9.]+/g).map(Number);
  const light = (c) => {
    const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const shape = at.classList.contains("app-rag--solid") && at.querySelector(".app-rag__shape");
      const paint = numbers(shape ? getComputedStyle(shape).fill : getComputedStyle(at).backgroundColor);
      if (paint.length < 4 || paint[3] === 1) return paint.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const wrong = [];
  for (const target of targets) {
    const node = document.querySelector(target);
    if (!node || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const svg = node.ownerSVGElement;
    const ink = numbers(svg ? style.fill : style.color).slice(0, 3);
    const [a, b] = [light(ink), light(ground(node))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 600);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`contrast ${ratio.toFixed(2)}: ${target}: ${node.textContent.trim().slice(0, 40)}`);
  }
  return wrong;
}
