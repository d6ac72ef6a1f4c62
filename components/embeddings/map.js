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

  // Names that would cover an earlier one are hidden; a map that is enlarged has room for more. One that
  // would be cut at an edge stands further in.
  function thin(view) {
    const traces = [...document.querySelectorAll(`#${view}-view .cloud .trace`)].reverse();
    const names = traces.flatMap((trace) => [...trace.querySelectorAll("text")]);
    const own = names.findIndex((name) => name.querySelector("[style*=bold]"));
    if (own > 0) names.unshift(...names.splice(own, 1));
    const taken = [];
    const whole = document.querySelector(`#${view}-view .cloud .nsewdrag`)?.getBoundingClientRect();
    for (const name of names) {
      name.style.translate = "";
      const where = name.getBoundingClientRect(), by = inward(where, whole);
      if (by) name.style.translate = `${by}px`;
      const box = new DOMRect(where.x + by, where.y, where.width, where.height);
      const covers = taken.some((one) => one.left < box.right && box.left < one.right
        && one.top < box.bottom && box.top < one.bottom);
      name.classList.toggle("covered", covers);
      if (!covers) taken.push(box);
    }
  }

  // How far a name must go to the right so that it is not cut; where most of it is outside, it stays.
  function inward(box, whole) {
    const middle = box.x + box.width / 2;
    if (!whole || middle < whole.left || middle > whole.right) return 0;
    return Math.max(0, whole.left - box.left) + Math.min(0, whole.right - box.right);
  }

  // A word that would cover a point or an earlier word stands on another side of its point, further
  // in where an edge would cut it, and is hidden where it would still be covered by half: a figure is as wide as the screen allows.
  for (const view of ["embeddings-axes", "embeddings-neighbours", "embeddings-analogies", "embeddings-arithmetic"])
    orrery.onPlot(view, "plotly_afterplot", () => part(view));

  function part(view) {
    const trace = document.querySelector(`#${view}-view .scatterlayer .trace`);
    if (!trace) return; // nothing is laid out yet
    const names = [...trace.querySelectorAll(".textpoint text")];
    for (const name of names) name.style.translate = "";
    const marks = [...trace.querySelectorAll(".point")].map((mark) => mark.getBoundingClientRect());
    const whole = trace.closest("svg").getBoundingClientRect(), taken = [...marks];
    names.forEach((name, i) => {
      const box = name.getBoundingClientRect();
      const at = (x, y) => new DOMRect(box.x + x, box.y + y, box.width, box.height);
      const [least, x, y] = sides(box, marks[i])
        .map(([x, y]) => [x + inward(at(x, y), whole), y])
        .map(([x, y]) => [cost(at(x, y), taken, whole), x, y])
        .reduce((best, one) => (one[0] < best[0] ? one : best));
      name.style.translate = `${x}px ${y}px`;
      const covered = least > (box.width * box.height) / 2;
      name.classList.toggle("covered", covered);
      if (!covered) taken.push(at(x, y));
    });
  }

  // How far a name is moved to each side of its point; where it stands comes first.
  function sides(box, mark) {
    const middle = [mark.x + mark.width / 2 - box.x - box.width / 2, mark.y + mark.height / 2 - box.y - box.height / 2];
    const across = (box.width + mark.width) / 2 + 2, up = (box.height + mark.height) / 2;
    const ways = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1],
      [1, -0.5], [-1, -0.5], [1, 0.5], [-1, 0.5]];
    return [[0, 0], ...ways.map(([x, y]) => [middle[0] + x * across, middle[1] + y * up])];
  }

  // The area of a box that is covered, or outside of the figure.
  function cost(box, taken, whole) {
    const shared = (other) =>
      Math.max(0, Math.min(box.right, other.right) - Math.max(box.left, other.left)) *
      Math.max(0, Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top));
    const covered = taken.reduce((sum, one) => sum + shared(one), 0);
    return covered + box.width * box.height - shared(whole);
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
