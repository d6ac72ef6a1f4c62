// The vocabulary: a page of its pieces as a table, and one of them opened.
{
  const { element, number, percent, spelled } = orrery;
  const VIEW = "tokens-vocabulary";
  const NONE = "\u2013";

  const shown = (value) => (value === null ? NONE : number.format(value));

  const label = (spans) => element("span", "", ...spelled(spans));

  function button(kind, inputs, ...children) {
    const made = element("button", kind, ...children);
    made.type = "button";
    made.dataset.inputs = JSON.stringify(inputs);
    return made;
  }

  const chip = (token, spans) => button("piece-chip", { token }, ...spelled(spans));

  orrery.widget("vocabulary", (part, { table, growth }) => {
    part.replaceChildren(legend(growth), grown(growth), listed(table), pager(table));
  });

  function legend({ lines }) {
    const [merged, used] = lines;
    const some = [["line", merged], ["dot", used]].filter(([, text]) => text);
    return element("p", "legend", ...some.map(([kind, text]) =>
      element("span", "range", element("span", `mark ${kind}`), text)));
  }

  function grown({ told, merges, learned, vocabulary, newest, count, counted, correlation }) {
    const said = [];
    if (learned) {
      said.push(element("b", "", `${number.format(merges)} of ${number.format(learned)} merges, ${number.format(vocabulary)} pieces. `));
      if (newest && count !== null && merges < learned) said.push("The newest, ", element("code", "", ...spelled(newest)), `, was a pair ${number.format(count)} times. `);
    }
    said.push(...(counted ? [element("span", "mark diamond")] : []), told);
    if (correlation !== null) said.push(` Counts and lengths of vectors: rank correlation ${orrery.signed(correlation)} (Spearman).`);
    return element("p", "vocabulary-said", ...said);
  }

  function listed({ rows, merged, counted, vectors }) {
    const columns = [
      ["Piece", (row) => button("piece-chip", { token: row.id }, ...spelled(row.read))],
      ["Id", (row) => String(row.id)],
      ["Bytes", (row) => shown(row.length)],
      ...(rows.some(({ merge }) => merge !== null) ? [["Merge", (row) => shown(row.merge)]] : []),
      ...(merged ? [["As pair", (row) => shown(row.count)]] : []),
      ...(counted ? [["In text", (row) => shown(row.used)]] : []),
      ...(vectors ? [["Vector", (row) => row.vector.toFixed(2)]] : []),
    ];
    const head = element("tr", "", ...columns.map(([title]) => {
      const cell = element("th", "", title);
      cell.scope = "col";
      return cell;
    }));
    const body = rows.map((row) => {
      const cells = columns.map(([, content], i) => {
        const cell = element(i ? "td" : "th", "", content(row));
        if (!i) cell.scope = "row";
        return cell;
      });
      if (row.rare) cells[0].append(element("span", "mark diamond"));
      const line = element("tr", row.chosen ? "chosen" : "", ...cells);
      if (row.chosen) cells[0].querySelector("button").setAttribute("aria-current", "true");
      return line;
    });
    const made = element("table", "vocabulary-table", element("thead", "", head), element("tbody", "", ...body));
    made.setAttribute("aria-label", "Pieces");
    return made;
  }

  function pager({ found, page, pages }) {
    const move = (text, to) => {
      const made = button("", { page: to }, text);
      made.disabled = to < 1 || to > pages || to === page;
      return made;
    };
    return element("div", "stepper-moves vocabulary-pages",
      move("First", 1), move("Previous", page - 1), move("Next", page + 1), move("Last", pages),
      element("span", "", found ? `Page ${number.format(page)} of ${number.format(pages)}: ${number.format(found)} found` : "No piece holds this."));
  }

  orrery.widget("piece", (part, value) => {
    part.replaceChildren(...heading(value), ...made(value), ...near(value), ...following(value));
  });

  function heading({ read, id, bytes, length, special }) {
    const hex = special ? "a special token" : `${number.format(length)} byte${length === 1 ? "" : "s"}: ${bytes.toUpperCase().replace(/(..)(?=.)/g, "$1 ")}`;
    return [element("h2", "", element("code", "", ...spelled(read)), element("small", "", ` token ${id}, ${hex}`))];
  }

  function made({ merge, count, made_of: parts, part_of: wholes, uses, rare, vector, special }) {
    const rows = [];
    const joined = parts.flatMap(([token, spans], i) => [i ? " + " : "", chip(token, spans)]);
    if (merge !== null) rows.push(element("li", "", `Merge ${number.format(merge)}: `, ...joined, count === null ? "" : `, a pair ${number.format(count)} times just before`));
    const counted = Object.entries(uses);
    const sum = counted.reduce((all, [, one]) => all + one, 0);
    if (counted.length) {
      const told = counted.map(([text, one]) => `${number.format(one)} times in ${text}`).join(", ");
      const line = element("li", "", `A token of its own ${told}`);
      if (sum <= rare && !special) line.append(": ", element("b", "", "hardly trained"), element("span", "mark diamond"));
      rows.push(line);
    }
    if (wholes.length) {
      const most = 8;
      const rest = wholes.length > most ? ` and ${number.format(wholes.length - most)} more` : "";
      rows.push(element("li", "", "Later a part of ", ...wholes.slice(0, most).flatMap(([token, spans]) => [chip(token, spans), " "]), rest));
    }
    if (vector !== null) rows.push(element("li", "", `Length of its input vector: ${vector.toFixed(2)}`));
    return [element("ul", "piece-facts", ...rows)];
  }

  function near({ nearest }) {
    if (!nearest.length) return [];
    const rows = nearest.map(({ id, read, cosine, uses }) => {
      const row = orrery.bar(label(read), [[Math.max(0, cosine), "kept"]], { value: cosine > 0.9995 ? "> 0.999" : orrery.signed(cosine, 3), remark: uses === null ? "" : `${number.format(uses)}\u00a0\u00d7`, tag: "button" });
      row.type = "button";
      row.dataset.inputs = JSON.stringify({ token: id });
      return row;
    });
    return [element("h3", "", "Nearest input vectors, by cosine"), element("div", "piece-near", ...rows)];
  }

  // Both lists on one scale: after this piece, and after what the model would have written.
  function following({ after, before }) {
    if (!after.length) return [];
    const widest = Math.max(...after.flatMap(({ next }) => next.map(({ probability }) => probability)));
    const lists = after.map(({ read, uses, entropy, next }) => element("div", "",
      element("h4", "", element("code", "", ...spelled(read))),
      element("p", "", `${uses === null ? "" : `seen ${number.format(uses)}\u00a0\u00d7, `}${entropy.toFixed(1)} bits`),
      ...next.map(({ read: word, probability }) => orrery.bar(label(word), [[probability, "kept"]], { widest, value: percent(probability) }))));
    return [element("h3", "", "What the storyteller expects next, in %"), element("p", "piece-before", `After \u201c${before}\u201d and then ${after.length > 1 ? "the piece, or its own choice" : "this piece, which is its own choice"}:`), element("div", "piece-after", ...lists)];
  }

  // What somebody searches begins on the first page.
  document.addEventListener("input", (event) => {
    const box = event.isTrusted && orrery.at(event, `#${VIEW}-search`);
    const page = document.querySelector(`#${VIEW}-page input`);
    if (box && page && page.value !== "1") orrery.type(page, 1);
  });

  orrery.onPlot(VIEW, "plotly_click", ({ points: [{ customdata }] }) => {
    if (Number.isInteger(customdata)) orrery.ask(VIEW, { token: customdata });
  });
}
