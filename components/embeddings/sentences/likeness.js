// How alike sentences are: small matrices to choose from, the chosen one with its numbers, and its
// points in a plane.
{
  const { element, shape } = orrery;
  const STEPS = 10; // colours of the scale
  const WIDE = 520, HIGH = 180, EDGE = 26, DOT = 9; // px of the plane

  orrery.widget("likeness", (panel, value) => {
    panel.facts = value;
    const [row, column] = panel.chosen ?? value.open;
    panel.chosen = value.cells[row]?.[column] ? [row, column] : value.open;
    const one = element("div", "likeness-one");
    panel.replaceChildren(chooser(panel), one);
    choose(panel, ...panel.chosen);
  });

  const step = ({ low }, cosine) =>
    Math.max(0, Math.min(STEPS - 1, Math.floor((STEPS * (cosine - low)) / (1 - low))));
  const short = (cosine) => cosine >= 0.995 ? "1.0" : cosine.toFixed(2).replace(/^(-?)0\./, "$1.").replace("-", "\u2212");

  function chooser(panel) {
    const { rows, columns, cells } = panel.facts;
    const head = element("tr", "", element("td"), ...columns.map((name) => heading("col", name)));
    const lines = cells.map((line, row) => element(
      "tr", "", heading("row", rows[row]), ...line.map((one, column) => element("td", "", ...small(panel, one, row, column)))
    ));
    const table = element("table", "likeness-chooser", element("thead", "", ...(columns.length > 1 ? [head] : [])), element("tbody", "", ...lines));
    return table;
  }

  function heading(scope, text) {
    const made = element("th", "", text);
    made.scope = scope;
    return made;
  }

  function small(panel, one, row, column) {
    if (!one) return [];
    const map = element("span", "likeness-map");
    const n = one.cosines.length;
    map.style.setProperty("--n", n);
    one.cosines.forEach((line, i) => line.forEach((cosine, j) => {
      map.append(element("i", i === j ? "self" : `s${step(one, cosine)}`));
    }));
    const [near, among] = one.own;
    const told = kinds(panel) > 1 ? `${near}/${among}` : "";
    const button = element("button", "", map, element("small", "", told));
    button.type = "button";
    button.dataset.at = `${row},${column}`;
    button.setAttribute("aria-label", `${one.title}${told && `: ${near} of ${among} stand nearest to their own kind`}`);
    button.addEventListener("click", () => choose(panel, row, column));
    return [button];
  }

  const kinds = ({ facts }) => new Set(facts.groups).size;

  function choose(panel, row, column) {
    panel.chosen = [row, column];
    for (const button of panel.querySelectorAll(".likeness-chooser button")) {
      button.setAttribute("aria-pressed", String(button.dataset.at === `${row},${column}`));
    }
    const one = panel.facts.cells[row][column];
    const [near, among] = one.own;
    const verdict = kinds(panel) > 1 ? `: ${near} of ${among} stand nearest to their own kind` : "";
    panel.querySelector(".likeness-one").replaceChildren(
      element("h2", "", `${one.title}${verdict}`), large(panel.facts, one), scale(one), plane(panel.facts, one),
      element("p", "trust", one.kept ? `The plane is a shadow: ${one.kept}.` : "All points coincide."),
      element("p", "trust", panel.facts.about)
    );
  }

  function large(facts, one) {
    const { cosines } = one;
    const apart = (i) => i > 0 && facts.groups[i] !== facts.groups[i - 1];
    const numbers = cosines.map((_, j) => heading("col", String(j + 1)));
    numbers.forEach((number, j) => number.classList.toggle("apart", apart(j)));
    const head = element("tr", "", element("td"), ...numbers);
    const lines = cosines.map((line, i) => {
      const cells = line.map((cosine, j) => {
        const cell = element("td", i === j ? "self" : `s${step(one, cosine)}`, i === j ? "" : short(cosine));
        cell.classList.toggle("apart", apart(j));
        return cell;
      });
      const whole = [label(facts, i), ...cells];
      for (const cell of whole) cell.classList.toggle("below", apart(i));
      return element("tr", "", ...whole);
    });
    const table = element("table", "likeness-matrix", element("thead", "", head), element("tbody", "", ...lines));
    return element("div", "scroll", table);
  }

  function label({ labels, groups, colours }, i) {
    const [before, word, after] = labels[i];
    const number = element("b", "", String(i + 1));
    number.style.setProperty("--kind", colours[groups[i] % colours.length]);
    const text = element("span", "", element("bdi", "before", before), element("em", "", word), element("bdi", "", after));
    const made = heading("row", "");
    made.append(number, text);
    made.title = before + word + after;
    return made;
  }

  function scale({ low }) {
    const ramp = element("span", "likeness-ramp", ...Array.from({ length: STEPS }, (_, i) => element("i", `s${i}`)));
    return element("p", "scale", `cosine ${low.toFixed(1).replace("-", "\u2212")}`, ramp, "1");
  }

  function plane({ groups, colours, labels }, { points, sides }) {
    const svg = shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
    svg.setAttribute("aria-label", "The sentences as points in a plane; the matrix has the numbers");
    const spread = (axis) => Math.max(...points.map((p) => p[axis])) - Math.min(...points.map((p) => p[axis]));
    const one = Math.min((WIDE - 2 * EDGE) / (spread(0) || 1), (HIGH - 2 * EDGE) / (spread(1) || 1));
    const middle = (axis) => (Math.max(...points.map((p) => p[axis])) + Math.min(...points.map((p) => p[axis]))) / 2;
    const [mx, my] = [middle(0), middle(1)];
    const still = Math.max(spread(0), spread(1)) < 1e-3; // all the same: no plane to scale to
    points.forEach(([x, y], i) => {
      const [px, py] = still ? [WIDE / 2, HIGH / 2] : [WIDE / 2 + (x - mx) * one, HIGH / 2 - (y - my) * one];
      const mark = shape("g", { transform: `translate(${px} ${py})` });
      const dot = dotOf(groups[i]);
      dot.style.fill = colours[groups[i] % colours.length];
      const title = shape("title", {});
      title.textContent = labels[i].join("");
      const number = shape("text", at(still ? "middle right" : sides[i]));
      number.textContent = still ? (i ? "" : `1 to ${points.length}`) : String(i + 1);
      mark.append(title, dot, number);
      svg.append(mark);
    });
    return svg;
  }

  // Where a number stands beside its point: "top left" and the like.
  function at(side) {
    const [y, x] = side.split(" ");
    const beside = { left: -DOT - 3, right: DOT + 3, center: 0 }[x], corner = y !== "middle" && x !== "center";
    return {
      x: corner ? 0.7 * beside : beside, y: { top: -DOT - 3, bottom: DOT + 15, middle: 5 }[y] + (corner ? 4 * Math.sign({ top: 1, bottom: -1 }[y]) : 0),
      "text-anchor": { left: "end", right: "start", center: "middle" }[x],
    };
  }

  // A kind is told by its shape too.
  function dotOf(group) {
    const kind = group % 3;
    if (kind === 0) return shape("circle", { r: DOT - 1 });
    if (kind === 1) return shape("rect", { x: -DOT + 2, y: -DOT + 2, width: 2 * DOT - 4, height: 2 * DOT - 4 });
    return shape("path", { d: `M0 ${-DOT} L${DOT} ${DOT - 2} L${-DOT} ${DOT - 2} Z` });
  }
}
