// The map of words: a click asks for a word, a lasso lists the words inside.
{
  const { element } = orrery;
  const MOST = 200; // words that are listed

  const words = ({ points = [] } = {}) =>
    points.filter((one) => one.curveNumber === 0).map(({ data, pointNumber }) => data.text[pointNumber]);

  // Names that would cover an earlier one are hidden; a map that is enlarged has room for more.
  orrery.onPlot("embeddings-map", "plotly_afterplot", function () {
    const traces = [...document.querySelectorAll("#embeddings-map-view .cloud .trace")].reverse();
    const names = traces.flatMap((trace) => [...trace.querySelectorAll("text")]);
    const own = names.findIndex((name) => name.querySelector("[style*=bold]"));
    if (own > 0) names.unshift(...names.splice(own, 1));
    const taken = [];
    for (const name of names) {
      const box = name.getBoundingClientRect();
      const covers = taken.some((one) => one.left < box.right && box.left < one.right
        && one.top < box.bottom && box.top < one.bottom);
      name.classList.toggle("covered", covers);
      if (!covers) taken.push(box);
    }
  });

  orrery.onPlot("embeddings-map", "plotly_click", (event) => {
    const [word] = words(event);
    if (word) orrery.ask("embeddings-map", { word });
  });

  orrery.onPlot("embeddings-map", "plotly_selected", (event) => {
    const found = words(event);
    const list = document.querySelector("#embeddings-map-view .lassoed");
    if (!list) return;
    const rest = found.length > MOST ? [`, and ${found.length - MOST} more`] : [];
    list.replaceChildren(
      ...(found.length ? [element("b", "", `${found.length} inside: `), found.slice(0, MOST).join(", "), ...rest] : [])
    );
  });
}
