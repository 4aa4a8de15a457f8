// Says in time that the session will end, and keeps it when asked. All tabs share one end: what
// one tab asks of the site keeps the others too. Without this file nothing is missing but the
// warning: the door says when a form came too late, and leads back to the page.
const dialog = document.getElementById("app-staying");
const warning = Number(dialog.dataset.warning) * 1000;
const shared = "app-session-ends";
const views = { soon: dialog.querySelector("[data-soon]"), over: dialog.querySelector("[data-over]") };
const left = dialog.querySelector("[data-left]");
const failed = dialog.querySelector("[data-failed]");
let ends = Date.now() + Number(dialog.dataset.seconds) * 1000;
let seen = ""; // which of the two views the person has closed
let over = false;

function share() {
  try {
    localStorage.setItem(shared, String(ends));
  } catch {
    // A browser that keeps nothing: this tab looks after itself.
  }
}

function words(milliseconds) {
  const minutes = Math.ceil(milliseconds / 60_000);
  return minutes > 1 ? `in ${minutes} minutes` : "in less than a minute";
}

function show(name) {
  for (const [view, part] of Object.entries(views)) part.hidden = view !== name;
  dialog.setAttribute("aria-labelledby", `app-staying-${name}`);
  if (dialog.open || seen === name) return;
  dialog.showModal();
}

function hide() {
  seen = "";
  if (dialog.open) dialog.close();
}

// After a sign-in in another tab the forms of this page need a token of the new session.
async function renewForms() {
  over = false;
  const answer = await fetch(dialog.dataset.page, { credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const token = page.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (!token) return;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]"))
    field.value = token;
}

function look() {
  const rest = ends - Date.now();
  if (rest > warning) {
    hide();
    if (over) renewForms();
  } else if (rest > 0) {
    const text = words(rest);
    if (left.textContent !== text) left.textContent = text;
    show("soon");
  } else {
    if (!over && dialog.open) dialog.close(); // opened anew, so that it is read out
    over = true;
    show("over");
  }
}

async function stay() {
  const form = dialog.querySelector("form[data-stay]");
  failed.hidden = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new FormData(form), credentials: "same-origin", redirect: "error",
    });
    if (!answer.ok) throw new Error(String(answer.status));
    ends = Date.now() + (await answer.json()).seconds * 1000;
    share();
    look();
  } catch {
    failed.hidden = false;
  }
}

dialog.querySelector("form[data-stay]").addEventListener("submit", (event) => {
  event.preventDefault();
  stay();
});
dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => { if (ends <= Date.now() && over) seen = "over"; });
// Escape while there is time: somebody is there, which is all that staying needs.
dialog.addEventListener("cancel", (event) => {
  if (over) return;
  event.preventDefault();
  stay();
});
addEventListener("storage", (event) => {
  if (event.key !== shared || !event.newValue) return;
  ends = Number(event.newValue);
  look();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) ends = Number(localStorage.getItem(shared)) || ends;
  look();
});
document.addEventListener("visibilitychange", look);
share();
look();
setInterval(look, 1000);
