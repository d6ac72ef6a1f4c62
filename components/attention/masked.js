// A hidden token: the sentence with its gap, what two models put there, and where one of them looks.
{
  const { element, percent, number, bar } = orrery;
  const VIEW = "attention-masked";
  const NAMED = 3; // tokens that the gap looks at most

  orrery.widget("masked", (panel, value) => {
    panel.facts = value;
    const text = element("p", "masked-text", ...value.labels.map((label, i) => token(value, label, i)));
    text.setAttribute("aria-label", "The sentence; press a token to hide it");
    const bars = element("div", "masked-bars", both(value, longest(value)), before(value, longest(value)));
    const grid = orrery.headGrid("masked-grid", value, (...cell) => strip(value, ...cell));
    const heads = element("div", "masked-heads", element("h3", "", "Where the gap looks"), grid);
    const said = element("p", "masked-said");
    said.setAttribute("aria-live", "polite");
    panel.replaceChildren(text, said, element("div", "masked-below", bars, heads));
    show(panel, ...orrery.chosenHead(value));
  });

  orrery.onHead((layer, head) => {
    for (const panel of document.querySelectorAll(".masked")) show(panel, layer, head);
  });

  function token({ at, first, last }, label, i) {
    if (i < first || i > last) return element("span", "end", label);
    const button = element("button", i === at ? "gap" : "", i === at ? "\u00a0?\u00a0" : label);
    button.type = "button";
    button.dataset.hide = i - first + 1;
    button.setAttribute("aria-label", i === at ? "The gap" : `Hide ${label}`);
    return button;
  }

  const asBar = (widest, hit) => ([label, chance]) => bar(label || "(end)", [[chance, "kept"]], {
    widest, value: `${percent(chance)}\u00a0%`, kind: label === hit ? "hit" : "",
  });

  // widest: of both models, so that their bars can be compared by eye.
  function rows(found, others, hit, widest) {
    const listed = found.some(([label]) => hit && label === hit[0]);
    const shown = hit && !listed ? [...found, hit] : found;
    const rest = Math.max(0, 1 - shown.reduce((sum, [, chance]) => sum + chance, 0));
    return [
      ...shown.map(asBar(widest, hit?.[0])),
      bar(`${number.format(others - (hit && !listed ? 1 : 0))} others`, [[rest, "kept"]], { widest, value: `${percent(rest)}\u00a0%`, kind: "rest" }),
    ];
  }

  const longest = ({ filled, left }) =>
    Math.max(...[...filled, ...(left?.rows ?? [])].map(([, chance]) => chance), ...[filled, left?.rows ?? []].map(remaining));

  const remaining = (found) => (found.length ? 1 - found.reduce((sum, [, chance]) => sum + chance, 0) : 0);

  function both({ filled, others, hidden }, widest) {
    return element("section", "", element("h3", "", "Fill-in reads both sides"),
      element("p", "", "Probability that a token stands here"),
      ...rows(filled, others, hidden && [hidden.text, hidden.probability], widest),
      element("p", "rank", hidden ? `Hidden: ${hidden.text}, number ${number.format(hidden.rank)} of all` : "Nothing is hidden in this gap."));
  }

  function before({ left, hidden }, widest) {
    const head = element("h3", "", "Storyteller reads what is before");
    const what = element("p", "", "Probability that a token comes next");
    if (!left) return element("section", "", head, what, element("p", "rank", hidden
      ? "Its tokens do not end where this gap begins." : "It reads no text with a gap in it."));
    const [label, chance, rank, whole] = left.true;
    return element("section", "", head, what, ...rows(left.rows, left.others - left.rows.length, [label, chance], widest),
      element("p", "rank", `Hidden: ${hidden.text}, ${whole ? "" : `which begins with ${label}, `}number ${number.format(rank)} of all`));
  }

  // The row of the gap as one strip; the tokens are the columns.
  function strip({ weights, labels }, button, layer, head) {
    const cells = weights[layer][head].map((share) => {
      const cell = element("i");
      cell.style.setProperty("--share", share);
      return cell;
    });
    const best = weights[layer][head].indexOf(Math.max(...weights[layer][head]));
    button.append(...cells);
    button.setAttribute("aria-label", `Layer ${layer + 1}, head ${head + 1}: most at ${labels[best]}`);
  }

  function show(panel, layer, head) {
    if (!panel.facts || !orrery.hasHead(panel.facts, layer, head)) return;
    const { weights, labels, at } = panel.facts, row = weights[layer][head];
    orrery.pressHead(panel, layer, head);
    [...panel.querySelector(".masked-text").children].forEach((one, i) => {
      one.style.setProperty("--share", row[i]);
      one.title = `${labels[i]}: ${percent(row[i])}\u00a0%`;
    });
    const best = row.map((share, i) => [share, i]).sort((one, other) => other[0] - one[0] || one[1] - other[1]).slice(0, NAMED);
    panel.querySelector(".masked-said").replaceChildren(
      `In layer ${layer + 1}, head ${head + 1} the gap mixes in values from `,
      ...best.flatMap(([share, i], place) => [place ? ", " : "", i === at ? "itself" : element("code", "", labels[i]), ` ${percent(share)}\u00a0%`]), "."
    );
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".masked [data-hide]");
    if (button) orrery.ask(VIEW, { hidden: button.dataset.hide });
  });
}
