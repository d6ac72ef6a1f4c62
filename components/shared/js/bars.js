// Bar charts: every bar of the page is drawn here.
{
  const { element, number, percent } = orrery;

  // One row. parts: [share, class] from left to right: "kept" is solid, "cut" is hatched. A bar
  // longer than the track, which holds `widest`, is torn off. value: a percentage, unless given.
  orrery.bar = (label, parts, { widest = 1, value, remark, kind = "", tag = "div" } = {}) => {
    const whole = parts.reduce((sum, [share]) => sum + Math.max(0, share), 0);
    const scale = Math.max(widest, whole);
    const track = element("span", scale > widest ? "track torn" : "track");
    for (const [share, name] of parts) {
      if (!(share > 0)) continue;
      const filled = element("u", name);
      filled.style.width = `${Math.min(100, Math.max(0.5, (100 * share) / scale))}%`;
      track.append(filled);
    }
    const shown = element("span", "value", value ?? percent(whole));
    const name = element("code", "", label);
    if (name.textContent.length > 8) name.title = name.textContent; // where there is no room for all of it
    const row = element(tag, kind ? `bar ${kind}` : "bar", name, track, shown);
    if (remark !== undefined) row.append(element("span", "remark", remark));
    return row;
  };

  function listed([label, share, value, remark, kind]) {
    return orrery.bar(kind === "query" ? element("s", "", label) : label, [[share, "kept"]], {
      value: typeof value === "number" ? `${percent(value)}\u00a0%` : value, remark, kind, tag: "li",
    });
  }

  // Probabilities before and after something was changed, a row each, with all others as the last.
  // rows: [label, before, after]; rest: of the others together.
  orrery.changes = (rows, others, rest) => {
    const widest = Math.max(...rows.map(([, before, after]) => Math.max(before, after)));
    const drawn = rows.map((row) => change(row, widest));
    if (others) drawn.push(change([`${number.format(others)} others`, ...rest], widest, "move rest"));
    const lost = element("span", "swatch less"), gained = element("span", "swatch more");
    return [...drawn, element("p", "legend", lost, "lost", gained, "gained, in %")];
  };

  function change([label, before, after], widest, kind = "move") {
    const parts = [
      [Math.min(before, after), "kept"], [before - after, "less"], [after - before, "more"],
    ];
    const value = `${percent(before)} \u2192 ${percent(after)}`;
    const row = orrery.bar(label, parts, { widest, value, kind });
    row.title = `${label}: ${value} %${row.querySelector(".torn") ? ", not to scale" : ""}`;
    return row;
  }

  orrery.widget("changes", (panel, [title, rows, others, rest]) => {
    panel.replaceChildren(element("h3", "", title), ...orrery.changes(rows, others, rest));
  });

  orrery.widget("bars", (section, [title, caption, rows]) => {
    section.replaceChildren(element("h2", "", title), element("p", "", caption));
    section.style.setProperty("--remark", Math.max(0, ...rows.map((row) => row[3].length))); // characters
    if (rows.length) section.append(element("ol", "", ...rows.map(listed)));
  });
}
