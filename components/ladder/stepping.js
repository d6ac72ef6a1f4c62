// Buttons on stage that set inputs of their view and run it: so a link carries them.
{
  const setters = [HTMLTextAreaElement, HTMLInputElement]
    .map((kind) => [kind, Object.getOwnPropertyDescriptor(kind.prototype, "value").set]);

  // As if it had been typed.
  function type(box, value) {
    setters.find(([kind]) => box instanceof kind)[1].call(box, String(value));
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, "[data-inputs]");
    if (!button) return;
    const view = button.closest(".frame").id.replace(/-view$/, "");
    for (const [name, value] of Object.entries(JSON.parse(button.dataset.inputs))) {
      const box = document.querySelector(`#${view}-${name} :is(textarea, input:not([type=range]))`);
      if (box) type(box, value);
    }
    // Gradio takes the new values over before its next frame.
    requestAnimationFrame(() => document.getElementById(`${view}-run`)?.click());
  });

  // A click on a row of the map is one on its letter.
  orrery.watch(() => {
    for (const plot of document.querySelectorAll("#ladder-table-map .js-plotly-plot")) {
      if (plot.rowsHeard || !plot.on) continue;
      plot.rowsHeard = true;
      plot.on("plotly_click", ({ points: [{ y }] }) =>
        document.querySelectorAll("#ladder-table-view .rows button")[y]?.click());
    }
  });
}
