// Maps of words: a click asks for a word, a lasso lists the words inside.
{
  const { element } = orrery;
  const MOST = 200; // words that are listed

  const words = ({ points = [] } = {}) =>
    points.filter((one) => one.curveNumber === 0).map(({ data, pointNumber }) => data.text[pointNumber]);

  for (const view of ["embeddings-map", "embeddings-words"]) {
    orrery.onPlot(view, "plotly_afterplot", () => thin(view));
    orrery.onPlot(view, "plotly_click", (event) => {
      const [word] = words(event);
      if (word) orrery.ask(view, { word });
    });
    orrery.onPlot(view, "plotly_selected", (event) => list(view, words(event)));
  }

  // Names that would cover an earlier one are hidden; a map that is enlarged has room for more.
  function thin(view) {
    const traces = [...document.querySelectorAll(`#${view}-view .cloud .trace`)].reverse();
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
  }

  function list(view, found) {
    const listed = document.querySelector(`#${view}-view .lassoed`);
    if (!listed) return;
    const rest = found.length > MOST ? [`, and ${found.length - MOST} more`] : [];
    listed.replaceChildren(
      ...(found.length ? [element("b", "", `${found.length} inside: `), found.slice(0, MOST).join(", "), ...rest] : [])
    );
  }
}
