// Plotly's figures: what happens to them, and their letters, which grow in Lecture as all others do;
// where the letters need it, and a sheet says so by --orrery-tall, the figure grows in height too.
{
  const plots = (within = "") => document.querySelectorAll(`${within} .js-plotly-plot`);
  const grown = new WeakMap(); // by the layout of a figure, how large its letters are now, and how tall it is

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
    const style = getComputedStyle(plot);
    const wanted = ["--orrery-scale", "--orrery-tall"]
      .map((name) => Number(style.getPropertyValue(name)) || 1); // while sheets load it has none
    const before = grown.get(layout) ?? [1, 1], [by, taller] = wanted.map((now, i) => now / before[i]);
    if (by === 1 && taller === 1) return;
    grown.set(layout, wanted);
    scale(data, by);
    scale(layout, by);
    if (layout.height) layout.height *= taller;
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
