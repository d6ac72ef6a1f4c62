// Plotly's figures: what happens to them, and their letters, which grow in Lecture as all others do;
// where the letters need it, and a sheet says so by --orrery-tall, the figure grows in height too.
{
  const plots = (within = "") => document.querySelectorAll(`${within} .js-plotly-plot`);
  const grown = new WeakMap(); // by the layout of a figure: how large its letters are, how tall it is, and how high it came

  // Call act(event) when something happens to a plotly figure of this view.
  orrery.onPlot = (view, name, act) => orrery.watch(() => {
    for (const plot of plots(`#${view}-view`)) {
      const heard = (plot.heard ??= new Set());
      if (heard.has(name) || !plot.on) continue;
      heard.add(name);
      plot.on(name, act);
      if (name === "plotly_afterplot") act(); // it has been drawn before
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
    if (!layout) return;
    // plotly forgets the height when the window's size changes
    const before = grown.get(layout) ?? { letters: 1, tall: 1, height: layout.height };
    grown.set(layout, before);
    if (!plot.checkVisibility()) return;
    const style = getComputedStyle(plot);
    const wanted = (name) => Number(style.getPropertyValue(name)) || 1; // while sheets load it has none
    const letters = wanted("--orrery-scale"), tall = wanted("--orrery-tall");
    if (letters === before.letters && tall === before.tall) return;
    grown.set(layout, { ...before, letters, tall });
    scale(data, letters / before.letters);
    scale(layout, letters / before.letters);
    if (before.height) layout.height = before.height * tall;
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
