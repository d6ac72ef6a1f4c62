// Bars in parts: what each order of an n-gram model adds to the probability of a character.
{
  const { bar, element, number, percent } = orrery;

  orrery.widget("mixture", (section, { orders, rows, others, rest }) => {
    const swatches = orders.map((order) => {
      const swatch = element("i", "swatch");
      swatch.dataset.order = order;
      return element("span", "range", swatch, name(order));
    });
    const widest = Math.max(...rows.map(([, parts]) => parts.reduce((sum, part) => sum + part, 0)));
    section.replaceChildren(
      element("h2", "", "What comes next, and which order says so"),
      element("div", "legend", ...swatches),
      element("ol", "", ...rows.map((row) => listed(orders, row, widest))),
      element("p", "", `${number.format(others)} others share ${percent(rest)}\u00a0%.`),
    );
  });

  // What is too small to see is left out of the bar; the number beside it holds everything.
  function listed(orders, [label, parts], widest) {
    const drawn = parts.map((part) => (part < widest / 200 ? 0 : part));
    const value = `${percent(parts.reduce((sum, part) => sum + part, 0))}\u00a0%`;
    const row = bar(label, drawn.map((part) => [part, "order"]), { widest, value, tag: "li" });
    row.title = orders.map((order, i) => `${name(order)}: ${percent(parts[i])} %`).join(", ");
    const kinds = orders.filter((_, i) => drawn[i] > 0);
    row.querySelectorAll("u").forEach((part, i) => { part.dataset.order = kinds[i]; });
    return row;
  }

  const name = (order) => (order ? `n = ${order}` : "even");
}
