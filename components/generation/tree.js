// What could come: a column for every token since the prompt, as high as all up to it is probable.
{
  const { element, percent } = orrery;
  const LEGIBLE = 0.06; // of the height that a label needs
  const WHOLE = { start: 0, joint: 1 };

  orrery.widget("branching", (part, value) => {
    const cells = tree(value);
    const picture = element("div", "icicle", ...cells.map(({ drawn }) => drawn));
    picture.setAttribute("role", "group");
    picture.setAttribute("aria-label", "What could come: arrow keys move from token to token, Enter enlarges");
    const said = element("p", "about");
    said.setAttribute("aria-live", "polite");
    part.replaceChildren(picture, said);
    part.tree = { ...value, cells, said, zoomed: WHOLE };
    lay(part.tree);
    const tokens = cells.filter(({ rest }) => !rest);
    for (const cell of tokens) cell.drawn.addEventListener("click", () => enlarge(part.tree, cell));
    picture.addEventListener("keydown", (event) => move(event, part.tree));
    if (tokens.length) pick(part.tree, best(tokens[0]));
  });

  // Every token and, where something follows that is not listed, a hatched rest.
  function tree({ branches, rest }) {
    const root = { below: [], joint: 1, start: 0, depth: -1 };
    const cells = branches.map(([spans, , probability, joint, left, token]) => ({ spans, probability, joint, left, token, below: [] }));
    cells.forEach((cell, i) => {
      cell.above = cells[branches[i][1]] ?? root;
      cell.depth = cell.above.depth + 1;
      cell.above.below.push(cell);
      cell.drawn = button(cell);
    });
    const rests = [[root, rest], ...cells.map((cell) => [cell, cell.left])]
      .filter(([, joint]) => joint > 0)
      .map(([above, joint]) => ({ rest: true, above, joint, depth: above.depth + 1, drawn: element("div", "less") }));
    for (const cell of [root, ...cells]) {
      let { start } = cell;
      cell.below.forEach((one, i) => {
        one.start = start;
        start += one.joint;
        one.drawn.classList.add(`c${i % 4}`);
      });
      const hatched = rests.find(({ above }) => above === cell);
      if (hatched) hatched.start = start;
    }
    return [...cells, ...rests];
  }

  function button({ spans, joint }) {
    const text = spans.map(([one]) => one).join("");
    const label = orrery.spelled(spans);
    const made = element("button", "", element("span", "", ...label), element("b", "", `${percent(joint)} %`));
    made.type = "button";
    made.tabIndex = -1;
    made.title = `${text}: ${percent(joint)} %`;
    made.setAttribute("aria-label", `${text}, ${percent(joint)} percent`);
    return made;
  }

  // Lays the cells out so that `zoomed` has the whole height.
  function lay({ cells, columns, zoomed }) {
    for (const { drawn, depth, start, joint } of cells) {
      const from = Math.max(0, (start - zoomed.start) / zoomed.joint);
      const to = Math.min(1, (start + joint - zoomed.start) / zoomed.joint);
      Object.assign(drawn.style, {
        left: `${(100 * depth) / columns}%`, width: `${100 / columns}%`,
        top: `${100 * from}%`, height: `${100 * Math.max(0, to - from)}%`,
      });
      drawn.hidden = depth >= columns || to - from <= 1e-6;
      drawn.classList.toggle("small", to - from < LEGIBLE);
    }
  }

  // Picks a token and gives what follows it the whole height, or takes that back.
  function enlarge(shown, cell) {
    pick(shown, cell);
    const wanted = cell.below.length ? cell : cell.above;
    shown.zoomed = shown.zoomed === wanted ? wanted.above ?? WHOLE : wanted;
    lay(shown);
  }

  // The way of the most probable tokens.
  function best(cell) {
    return cell.below.length ? best(cell.below[0]) : cell;
  }

  function way(cell) {
    return cell.above ? [...way(cell.above), cell] : [];
  }

  function pick(shown, cell) {
    const path = way(cell);
    for (const { rest, drawn } of shown.cells) {
      if (rest) continue;
      drawn.classList.toggle("on", path.some((one) => one.drawn === drawn));
      drawn.tabIndex = drawn === cell.drawn ? 0 : -1;
    }
    shown.picked = cell;
    const text = path.flatMap(({ spans }) => spans.map(([one]) => one)).join("");
    const factors = path.map(({ probability }) => probability.toFixed(3)).join(" × ");
    const product = `${path.length > 1 ? `${factors} = ` : ""}${cell.joint.toPrecision(3)}`;
    shown.said.replaceChildren(element("code", "", text), `: ${product}. `, onwards(shown, path));
  }

  // The same text in Step by step, to go on from there.
  function onwards({ prompt, model }, path) {
    const link = element("a", "", "Go on from there");
    const written = [model, ...path.map(({ token }) => token)].join(" ");
    link.href = orrery.addressOf("generation-wheel", { prompt, model, written });
    return link;
  }

  function move(event, shown) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's
    const { above, below } = shown.picked;
    const at = above.below.indexOf(shown.picked);
    const next = {
      ArrowLeft: above.above && above, ArrowRight: below[0],
      ArrowUp: above.below[at - 1], ArrowDown: above.below[at + 1],
    }[event.key];
    if (!next) return;
    event.preventDefault();
    if (next.drawn.hidden) Object.assign(shown, { zoomed: WHOLE });
    lay(shown);
    pick(shown, next);
    next.drawn.focus();
  }
}
