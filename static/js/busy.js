// A form that says it is being sent, and is sent once: <form data-busy="Signing in…">.
for (const form of document.querySelectorAll("form[data-busy]")) {
  const button = form.querySelector("button[type=submit]");
  const text = button.textContent;

  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    button.textContent = form.dataset.busy;
    button.setAttribute("aria-disabled", "true");
  });
  // Back in this page by the browser's own button: it may be sent again.
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    button.textContent = text;
    button.removeAttribute("aria-disabled");
  });
}
