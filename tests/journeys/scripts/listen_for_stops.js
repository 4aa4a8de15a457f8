() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.appStops = [...document.querySelectorAll(wanted)].filter((node) =>
    node.checkVisibility({visibilityProperty: true}) && !node.disabled
    && !(node.type === "radio" && node !== document.querySelector(`input[name='${node.name}']:checked`)
         && (document.querySelector(`input[name='${node.name}']:checked`)
             || node !== document.querySelector(`input[name='${node.name}']`))));
}
