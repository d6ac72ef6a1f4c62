// Plotly's figures: what happens to them, and their letters, which grow in Lecture as all others do.
{
  const plots = (within = "") => document.querySelectorAll(`${within} .js-plotly-plot`);
  const grown = new WeakMap(); // by the layout of a figure, how large its letters are now

  // Call act(event) when something happens to a plotly figure of this view.
  orrery.onPlot = (view, name, act) => orrery.watch(() => {
    for (const plot of plots(`#${view}-view`)) {
      const heard = (plot.heard ??= new Set());
      if (heard.has(name) || !plot.on) continue;
      heard.add(name);
      plot.on(name, act);
    }
  });

  // Multiply the size of every font in a part of a figure.
  function scale(part, by) {
    for (const [key, value] of Object.entries(part)) {
      if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) continue;
      if (key.endsWith("font") && value.size) {
        value.size = Array.isArray(value.size) ? value.size.map((size) => by * size) : by * value.size;
      } else if (!Array.isArray(value) || typeof value[0] === "object") scale(value, by);
    }
  }

  function grow(plot) {
    const { data, layout } = plot;
    if (!layout || !plot.checkVisibility()) return;
    const wanted = Number(getComputedStyle(plot).getPropertyValue("--orrery-scale")) || 1; // while sheets load it has none
    const by = wanted / (grown.get(layout) ?? 1);
    if (by === 1) return;
    grown.set(layout, wanted);
    scale(data, by);
    scale(layout, by);
    Plotly.react(plot, data, layout);
  }

  orrery.watch(() => {
    for (const plot of plots()) {
      if (plot.grows || !plot.on) continue;
      plot.grows = true;
      plot.on("plotly_afterplot", () => grow(plot));
      grow(plot);
    }
  });
  window.addEventListener("resize", () => plots().forEach(grow)); // Lecture tells of itself so
}
