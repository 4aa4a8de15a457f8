// Starts the design system's components. The classes come first: the style sheet reads them.
document.documentElement.classList.add("nhsuk-template", "app-js");
document.body.classList.add("js-enabled", "nhsuk-frontend-supported");

const library = document.getElementById("nhsuk-module");
if (library) {
  const { initAll } = await import(library.href);
  initAll();
}
