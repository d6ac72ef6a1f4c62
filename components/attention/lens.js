// The lens: a row a token, a column a state of the residual stream; a picked cell opens its bars.
{
  const { element, percent, number } = orrery;
  const STEPS = 10; // colours of the scale

  orrery.widget("lens", (panel, value) => {
    panel.facts = value;
    const last = value.labels.length - 1;
    const [row, column] = panel.picked ?? [last, value.leads[last]];
    const open = element("div", "lens-open");
    open.setAttribute("aria-live", "polite");
    panel.replaceChildren(element("div", "", element("div", "lens-grid", table(panel)), legend()), open);
    const fits = row <= last && column < value.columns.length && panel.sentence === value.labels.join("\n");
    panel.sentence = value.labels.join("\n");
    for (const part of panel.querySelectorAll(".lens-grid, .lens-grid table")) grown.observe(part);
    pick(panel, ...(fits ? [row, column] : [last, value.leads[last]]));
  });

  const short = (name, i) => (i ? name.replace("Layer ", "") : name.slice(0, 5));
  const step = (chance) => Math.min(STEPS - 1, Math.floor(STEPS * chance));

  function legend() {
    const ramp = element("span", "lens-ramp", ...Array.from({ length: STEPS }, (_, i) => element("i", `s${i}`)));
    return element(
      "p", "scale", element("span", "range", "Probability 0", ramp, "1."), "Bold: the final choice; framed: its first lead."
    );
  }

  function table(panel) {
    const { labels, columns, cells } = panel.facts;
    const heads = columns.map((name, i) => {
      const head = element("th", "", short(name, i));
      head.scope = "col";
      head.title = i ? `After ${name.toLowerCase()}` : name;
      return head;
    });
    const first = element("th", "", "reads");
    first.scope = "col";
    const made = element(
      "table", "", element("thead", "", element("tr", "", first, ...heads)),
      element("tbody", "", ...labels.map((label, row) => line(panel, label, row, cells[row])))
    );
    made.style.setProperty("--columns", columns.length);
    return made;
  }

  function line(panel, label, row, cells) {
    const head = element("th", "", element("code", "", label));
    head.scope = "row";
    head.title = label;
    return element("tr", "", head, ...cells.map((cell, column) => {
      const [name, chance] = cell.top[0];
      const button = element("button", `s${step(chance)}`, name);
      button.type = "button";
      button.dataset.at = `${row},${column}`;
      button.classList.toggle("agrees", cell.agrees);
      button.classList.toggle("first", column === panel.facts.leads[row]);
      button.title = `${name} ${percent(chance)}\u00a0%`;
      button.setAttribute("aria-label", `${panel.facts.columns[column]}, after ${label}: ${name}, ${percent(chance)} %`);
      return element("td", "", button);
    }));
  }

  // The picked row, also where Lecture makes the rows higher, or a smaller window the grid lower.
  const grown = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.isConnected) inSight(target.closest("[data-widget]"));
      else grown.unobserve(target); // a new result has replaced it
    }
  });

  function inSight(panel) {
    const grid = panel.querySelector(".lens-grid"), line = panel.querySelectorAll("tbody tr")[panel.picked[0]];
    const below = line.offsetTop + line.offsetHeight + 6 - grid.clientHeight;
    if (below > grid.scrollTop) grid.scrollTop = below;
  }

  function pick(panel, row, column) {
    panel.picked = [row, column];
    for (const button of panel.querySelectorAll("button[data-at]")) {
      const here = button.dataset.at === `${row},${column}`;
      button.setAttribute("aria-pressed", String(here));
      button.tabIndex = here ? 0 : -1;
    }
    inSight(panel);
    const { labels, columns, cells, choices } = panel.facts;
    const cell = cells[row][column];
    panel.querySelector(".lens-open").replaceChildren(
      element("h2", "", column ? `After ${columns[column].toLowerCase()}` : "The embedding", ", at ", element("code", "", labels[row])),
      ...cell.top.map(([name, chance], i) => orrery.bar(name, [[chance, "kept"]], {
        value: `${percent(chance)}\u00a0%`, kind: name === choices[row] && (cell.rank === i + 1) ? "hit" : "",
      })),
      element("p", "", said(panel.facts, row, cell)),
      element("p", "lens-way", element("code", "", choices[row]), way(panel.facts, row)),
      element("h3", "", "Final choice ", element("code", "", choices[row]), ", by layer"),
      ...columns.map((name, i) => climb(name, cells[row][i], i === column))
    );
  }

  function said({ vocabulary }, row, { entropy, rank }) {
    return `Entropy ${entropy.toFixed(1)} bits. The final choice has rank ${number.format(rank)} of ${number.format(vocabulary)} here.`;
  }

  function way({ leads, settled, columns }, row) {
    const at = (state) => (state ? `after ${columns[state].toLowerCase()}` : "in the embedding");
    const gap = settled[row] > leads[row] ? `, and to the end from ${columns[settled[row]].toLowerCase()}` : "";
    return ` first leads ${at(leads[row])}${gap}.`;
  }

  function climb(name, { final, rank }, here) {
    return orrery.bar(name, [[final, "kept"]], {
      value: `${percent(final)}\u00a0%`, remark: rank === 1 ? "leads" : `rank ${number.format(rank)}`,
      kind: here ? "hit climb" : "climb",
    });
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".lens button[data-at]");
    if (button) pick(button.closest(".lens"), ...button.dataset.at.split(",").map(Number));
  });

  document.addEventListener("keydown", (event) => {
    const button = orrery.at(event, ".lens button[data-at]");
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!button || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [row, column] = button.dataset.at.split(",").map((at, axis) => Number(at) + by[axis]);
    const panel = button.closest(".lens");
    const next = panel.querySelector(`[data-at="${row},${column}"]`);
    if (!next) return;
    pick(panel, row, column);
    next.focus();
  });
}
