// Relations by models: a bar in every cell, and the better of two silly answers as a line.
{
  const { element, percent } = orrery;
  const whole = (share) => String(Math.round(100 * share));

  orrery.widget("benchmark", (section, { columns, pending, rows, opened }) => {
    const table = element("table", "", caption(), head([...columns.map(({ title }) => title), ...pending]), element("tbody", "",
      ...rows.map((row) => line(row, columns, pending, opened))));
    table.style.setProperty("--columns", columns.length + pending.length);
    section.replaceChildren(legend(), table);
  });

  function caption() {
    return element("caption", "sr-only", "Share of the questions of each relation that is answered right, in %");
  }

  function head(titles) {
    const cells = titles.map((title) => {
      const cell = element("th", "", title);
      cell.scope = "col";
      return cell;
    });
    return element("thead", "", element("tr", "", element("td", ""), ...cells));
  }

  function line({ title, kind, cells }, columns, pending, opened) {
    const name = element("th", "", title);
    name.scope = "row";
    const made = cells.map((shares, i) => element("td", "", cell(title, kind, shares, columns[i], opened)));
    return element("tr", kind, name, ...made, ...pending.map(() => element("td", "none", "\u2026")));
  }

  function cell(title, kind, [right, plain, silly], column, opened) {
    if (right === null) return element("span", "none", "\u2013");
    const bar = orrery.bar("", [[Math.min(plain, right), "kept"], [right - plain, "cut"]], { value: whole(right) });
    const mark = element("i", "silly");
    mark.style.left = `${100 * silly}%`;
    bar.querySelector(".track").append(mark);
    const said = `${title}, ${column.title}: ${percent(right)} % right; ${percent(plain)} % with nothing left out; ` +
      `${percent(silly)} % by the better silly answer`;
    bar.title = said;
    if (kind === "group") return bar;
    const button = element("button", "", bar);
    button.type = "button";
    button.setAttribute("aria-label", said);
    button.setAttribute("aria-pressed", String(opened[0] === title && opened[1] === column.key));
    button.dataset.inputs = JSON.stringify({ opened: `${title} / ${column.key}` });
    return button;
  }

  function legend() {
    return element("p", "legend",
      element("span", "swatch kept"), "right with nothing left out,",
      element("span", "swatch cut"), "with a, b, c left out;",
      element("span", "swatch silly"), "nearest to b or c (%)");
  }
}
