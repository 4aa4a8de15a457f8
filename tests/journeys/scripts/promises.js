() => {
  const wrong = [];
  const text = (node) => (node.textContent || "").trim();
  const h1 = document.querySelectorAll("h1");
  if (h1.length !== 1) wrong.push(`A-03: ${h1.length} h1`);
  const main = document.querySelectorAll("main");
  if (main.length !== 1) wrong.push(`A-03: ${main.length} main`);
  if (document.documentElement.lang !== "en-GB") wrong.push("A-03: lang");
  const title = document.title.replace(/^Error: /, "");
  if (h1.length && !title.startsWith(text(h1[0]).replace(/\s+/g, " ")))
    wrong.push(`A-02: title “${document.title}” does not start with “${text(h1[0])}”`);
  let level = 1;
  for (const heading of document.querySelectorAll("main h1, main h2, main h3, main h4")) {
    const at = Number(heading.tagName[1]);
    if (at > level + 1) wrong.push(`A-03: h${level} then h${at}: ${text(heading)}`);
    level = at;
  }
  for (const table of document.querySelectorAll("table")) {
    const name = text(table.caption || table).slice(0, 40);
    if (!table.caption || !text(table.caption)) wrong.push(`A-12: no caption: ${name}`);
    for (const th of table.querySelectorAll("th"))
      if (!th.scope) wrong.push(`A-12: th without scope in ${name}: ${text(th)}`);
    for (const row of table.querySelectorAll("tbody tr"))
      if (!row.querySelector("th[scope=row]") && !row.querySelector("td[colspan]"))
        wrong.push(`A-12: row without header in ${name}: ${text(row).slice(0, 40)}`);
    for (const td of table.querySelectorAll("td"))
      if (!text(td) && !td.querySelector("input, svg[role=img], img[alt]"))
        wrong.push(`A-15: empty cell in ${name}: ${text(td.parentElement).slice(0, 60)}`);
  }
  const words = ["Red", "Amber", "Green", "Complete", "Not rated", "Not applicable"];
  for (const rag of document.querySelectorAll(".app-rag"))
    if (!words.some((word) => text(rag).includes(word))) wrong.push(`A-16: ${text(rag)}`);
  for (const figure of document.querySelectorAll("figure")) {
    const svg = figure.querySelector("svg[role=img]");
    const label = svg && svg.getAttribute("aria-label");
    if (!label || label.length > 150) wrong.push(`A-30: chart name: ${label}`);
    if (!figure.querySelector("table")) wrong.push("A-30: chart without table");
    if (!figure.querySelector("a[href*=csv]")) wrong.push("A-30: chart without CSV");
  }
  const named = new Map();
  for (const control of document.querySelectorAll("main input:not([type=hidden]), main select, main textarea")) {
    if (control.type === "radio" || !control.checkVisibility()) continue;
    const by = (control.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
    const name = control.getAttribute("aria-label")
      || by.map((id) => text(document.getElementById(id))).join(" ")
      || [...(control.labels || [])].map(text).join(" ");
    if (!name) wrong.push(`A-21: no label: ${control.name}`);
    if (named.has(name)) wrong.push(`A-21: two controls called “${name}”`);
    named.set(name, control);
  }
  for (const label of document.querySelectorAll(".app-chart__svg text")) {
    const size = parseFloat(getComputedStyle(label).fontSize) * label.getScreenCTM().a;
    if (label.checkVisibility() && size < 11.9) wrong.push(`A-32: ${size.toFixed(1)}px: ${text(label)}`);
  }
  for (const chart of document.querySelectorAll(".app-chart__svg")) {
    const looks = [...chart.querySelectorAll("path.app-chart__line, polyline.app-chart__line")].map((line) => {
      const own = [...line.classList].filter((c) => !/^s[0-9]$/.test(c)).join(" ");
      const series = [...line.classList].find((c) => /^s[0-9]$/.test(c));
      const mark = chart.querySelector(`.app-chart__marker.${series}`);
      return `${own} ${getComputedStyle(line).strokeDasharray} ${mark && mark.tagName}`;
    });
    const series = new Set([...chart.querySelectorAll(".app-chart__line")].map((l) => l.getAttribute("class")));
    if (new Set(looks).size < series.size) wrong.push(`A-33: series alike: ${looks.join(" | ")}`);
  }
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) wrong.push(`A-10: the page is ${over}px wider than the window`);
  return wrong;
}
