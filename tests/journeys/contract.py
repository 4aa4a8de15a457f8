"""What every page promises, asked of the page itself: axe, and checks axe does not make."""

from functools import cache

from playwright.sync_api import Page

from tests.children import ROOT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Each line of the answer is one broken promise of UX.md §3.1, by its number.
_PROMISES = """() => {
  const wrong = [];
  const text = (node) => (node.textContent || "").trim();
  const h1 = document.querySelectorAll("h1");
  if (h1.length !== 1) wrong.push(`A-03: ${h1.length} h1`);
  const main = document.querySelectorAll("main");
  if (main.length !== 1) wrong.push(`A-03: ${main.length} main`);
  if (document.documentElement.lang !== "en-GB") wrong.push("A-03: lang");
  const title = document.title.replace(/^Error: /, "");
  if (h1.length && !title.startsWith(text(h1[0]).replace(/\\s+/g, " ")))
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
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) wrong.push(`A-10: the page is ${over}px wider than the window`);
  return wrong;
}"""


@cache
def _axe() -> str:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def broken_promises(page: Page) -> list[str]:
    """Everything wrong with the page as it stands, one sentence each; [] when all is kept."""
    page.evaluate(_axe())
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS
    )
    axe = [
        f"axe {rule['id']}: {rule['help']}: {node['target']} {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
    return [*axe, *page.evaluate(_PROMISES)]


def assert_kept(page: Page) -> None:
    """Fail with every broken promise of the page at once."""
    broken = broken_promises(page)
    assert not broken, f"{page.url}:\n" + "\n".join(broken)
