// "Explore" under a chart: Plotly draws the same numbers, loaded on the click. Its box is for the
// eye and the mouse alone; the drawing and the table beside it are what everybody can read.

// No toolbar: it would add tab stops, and offers to send the chart to its maker's servers.
const QUIET = {
  displayModeBar: false,
  displaylogo: false,
  doubleClick: "reset",
  modeBarButtonsToRemove: ["sendChartToCloud"],
  plotlyServerURL: "",
  responsive: true,
  showTips: false,
};

let loading;

function library(address) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = undefined; // so that the next click tries again
      script.remove();
      reject(new Error(`${address} was not loaded`));
    });
    document.head.append(script);
  });
  return loading;
}

function wire(part) {
  const button = part.querySelector(".app-explore__open");
  const said = part.querySelector(".app-explore__said");
  const box = part.querySelector(".app-explore__box");
  const plot = part.querySelector(".app-explore__plot");
  const figure = document.getElementById(`${part.dataset.explore}-figure`);

  function show(open) {
    box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  }

  async function open() {
    if (!box.hidden) return;
    said.textContent = "Loading …";
    try {
      const plotly = await library(part.dataset.library);
      show(true); // first: a hidden box has no width to draw in
      const { data, layout } = JSON.parse(figure.textContent);
      await plotly.newPlot(plot, data, layout, QUIET);
      said.textContent = "Open. Escape closes it.";
    } catch {
      show(false);
      said.textContent =
        "It could not be loaded. The drawing and its table hold the same figures. Try again.";
    }
  }

  function close() {
    if (box.hidden) return;
    window.Plotly.purge(plot);
    show(false);
    said.textContent = "";
    button.focus();
  }

  button.addEventListener("click", () => (box.hidden ? open() : close()));
  part.querySelector(".app-explore__close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  part.hidden = false;
}

document.querySelectorAll("[data-explore]").forEach(wire);
