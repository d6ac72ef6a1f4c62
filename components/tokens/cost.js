// What texts cost: a bar for each, solid for its tokens up to the hatched end of its bytes; one is opened.
{
  const { element, number, percent } = orrery;

  orrery.widget("costs", (part, value) => {
    const rows = [...value.rows, ...value.twins];
    const widest = Math.max(...rows.filter(({ name }) => name !== value.own).map(({ bytes }) => bytes));
    const own = value.rows.findIndex(({ name }) => name === value.own);
    const opened = element("div", "cost-opened");
    opened.setAttribute("role", "status");
    const list = element("div", rows.some(({ unknown }) => unknown) ? "cost-rows unknowns" : "cost-rows");
    const open = (place) => {
      list.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", Number(one.dataset.place) === place));
      opened.replaceChildren(...detail(rows[place], value));
    };
    for (const place of order(value)) list.append(drawn(rows[place], place, widest, value));
    list.addEventListener("click", ({ target }) => {
      const row = target.closest("button");
      if (row) open(Number(row.dataset.place));
    });
    part.replaceChildren(heading(value), element("div", "cost-picture", list, opened));
    open(Math.max(0, own));
  });

  // English and French on top, the twins below each; then languages by their tokens; then the rest.
  function order({ rows, twins, own }) {
    const places = [...rows.keys()];
    const top = [0, 1].flatMap((place) => [place, ...[...twins.keys()].filter((i) => twins[i].name === rows[place].name).map((i) => rows.length + i)]);
    const languages = places.slice(2).filter((i) => rows[i].script);
    languages.sort((a, b) => rows[a].tokens - rows[b].tokens);
    const others = places.filter((i) => !rows[i].script).sort((a, b) => (rows[b].name === own) - (rows[a].name === own));
    return [...top, ...languages, ...others];
  }

  function heading({ title }) {
    return element("p", "legend", element("b", "", title),
      element("span", "range", element("span", "swatch kept"), "tokens"),
      element("span", "range", element("span", "swatch cut"), "bytes"),
      element("span", "", "\u00d7 English"), element("span", "", "Pick a row to see its pieces."));
  }

  function drawn(row, place, widest, value) {
    const twin = place >= value.rows.length;
    const label = twin ? `\u21b3 ${value.twin_titles[row.tokenizer]}` : row.name;
    const made = orrery.bar(label, [[row.tokens, "kept"], [row.bytes - row.tokens, "cut"]], {
      widest, value: number.format(row.tokens), remark: remark(row), tag: "button",
      kind: twin ? "twin" : row.script ? "" : "other",
    });
    made.type = "button";
    made.dataset.place = place;
    made.setAttribute("aria-label", `${label}: ${facts(row, value).join(", ")}`);
    return made;
  }

  function remark({ ratio, unknown }) {
    if (unknown) return `${number.format(unknown)} unknown`;
    return ratio === null ? "" : `${ratio.toFixed(1)}\u00a0\u00d7`;
  }

  function facts({ tokens, bytes, graphemes, ratio, unknown, share_of_window: share }, { window }) {
    const several = (count, unit) => `${number.format(count)} ${unit}${count === 1 ? "" : "s"}`;
    return [
      several(tokens, "token"), several(bytes, "byte"), several(graphemes, "character"),
      ...(unknown ? [`${number.format(unknown)} unknown`] : []),
      ...(ratio === null ? [] : [`${ratio.toFixed(2)} \u00d7 English`]),
      `${percent(share)}\u00a0% of a window of ${number.format(window)} tokens, the storyteller's`,
    ];
  }

  // A text, its figures, and what the model is given: the numbers; the pieces are for people.
  function detail(row, value) {
    const { name, script, spelled, ids, labels, tokens } = row;
    const title = row.tokenizer === value.tokenizer ? "" : `, ${value.twin_titles[row.tokenizer]}`;
    const whole = element("p", "cost-text", ...orrery.spelled(spelled));
    whole.dir = "auto";
    const pieces = labels.map((spans, i) => element("span", `c${i % 4}`,
      element("b", "", ...orrery.spelled(spans)), element("small", "", String(ids[i]))));
    const rest = tokens > ids.length ? [element("span", "", `and ${number.format(tokens - ids.length)} more`)] : [];
    return [
      element("h3", "", `${name}${title}`, ...(script ? [element("small", "", ` ${script}`)] : [])), whole,
      element("ul", "", ...facts(row, value).map((fact) => element("li", "", fact))),
      element("p", "cell-about", "The pieces for us; the number under each is all that the model is given."),
      element("div", "cost-pieces pieces", ...pieces, ...rest),
    ];
  }
}
