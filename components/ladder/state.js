// Cell states: under every character of a text what one cell holds, its gates, and what the text
// costs without the cell. A row ends where the screen does.
{
  const { element } = orrery;
  const SIGNED = "signed";

  orrery.widget("cell-states", (panel, value) => {
    panel.facts = value;
    panel.picked = value.open;
    panel.perLine = 0;
    const lines = element("div", "cell-lines");
    lines.setAttribute("role", "listbox");
    lines.setAttribute("aria-label", "Characters: arrow keys move from one to the next");
    lines.tabIndex = 0;
    const readout = element("p", "cell-readout");
    readout.setAttribute("aria-live", "polite");
    panel.replaceChildren(lines, readout);
    panel.watcher ??= new ResizeObserver(() => fit(panel));
    panel.watcher.observe(panel);
    fit(panel);
  });

  // As many characters to a line as there is room for.
  function fit(panel) {
    const lines = panel.querySelector(".cell-lines");
    if (!lines || !panel.clientWidth) return;
    const probe = element("div", "cell-line", names(panel.facts), column(panel.facts, 0));
    lines.replaceChildren(probe);
    const [label, one] = [...probe.children].map((part) => part.getBoundingClientRect().width);
    const perLine = Math.max(8, Math.floor((panel.clientWidth - label - 8) / one));
    const count = panel.facts.characters.length;
    const made = [];
    for (let start = 0; start < count; start += perLine) {
      const places = Array.from({ length: Math.min(perLine, count - start) }, (_, i) => start + i);
      made.push(element("div", "cell-line", names(panel.facts), ...places.map((place) => column(panel.facts, place))));
    }
    lines.replaceChildren(...made);
    pick(panel, panel.picked);
  }

  function names({ rows }) {
    const list = element("div", "cell-names", element("b", "", "\u00a0"), ...rows.map(({ name }) => element("span", "", name)));
    list.setAttribute("aria-hidden", "true");
    return list;
  }

  function column({ characters, rows }, place) {
    const space = characters[place] === "\u00b7";
    const letter = element("b", "", space ? "\u00a0" : characters[place]);
    const held = share(rows[0], place);
    letter.style.setProperty("--share", `${Math.round(100 * Math.abs(held))}%`);
    letter.className = held < 0 ? "down" : "up";
    const one = element("span", "cell", letter, ...rows.map((row) => bar(row, place)));
    one.setAttribute("role", "option");
    if (space) one.setAttribute("aria-label", "space");
    one.dataset.place = place;
    return one;
  }

  // From -1 to 1 of the row's scale.
  const share = ({ values, widest }, place) => (values[place] ?? 0) / widest;

  function bar(row, place) {
    const height = share(row, place);
    const filled = element("u", height < 0 ? "down" : "up");
    filled.style.height = `${(row.kind === SIGNED ? 50 : 100) * Math.min(1, Math.abs(height))}%`;
    return element("span", `cell-bar ${row.kind}`, filled);
  }

  function pick(panel, place) {
    const { characters, rows, bits, without } = panel.facts;
    panel.picked = Math.max(0, Math.min(characters.length - 1, place));
    for (const old of panel.querySelectorAll(".cell.sel")) {
      old.classList.remove("sel");
      old.removeAttribute("aria-selected");
    }
    const cell = panel.querySelector(`.cell[data-place="${panel.picked}"]`);
    if (!cell) return;
    cell.classList.add("sel");
    cell.setAttribute("aria-selected", "true");
    cell.id = "cell-state-picked";
    for (const other of panel.querySelectorAll("#cell-state-picked")) if (other !== cell) other.removeAttribute("id");
    panel.querySelector(".cell-lines").setAttribute("aria-activedescendant", cell.id);
    const held = rows.filter(({ said }) => said).map(({ name, values }) => `${name} ${orrery.signed(values[panel.picked])}`).join(" \u00b7 ");
    const before = panel.picked - 1;
    const cost = before < 0 ? "" : ` \u00b7 bits ${bits[before].toFixed(2)}, without it ${without[before].toFixed(2)}`;
    panel.querySelector(".cell-readout").replaceChildren(
      "After ", element("code", "", characters[panel.picked]), `: ${held}${cost}`
    );
  }

  document.addEventListener("click", (event) => {
    const cell = orrery.at(event, ".cell-states .cell");
    if (cell) pick(cell.closest(".cell-states"), Number(cell.dataset.place));
  });

  document.addEventListener("keydown", (event) => {
    const lines = orrery.at(event, ".cell-lines");
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!lines || step === undefined) return;
    event.preventDefault();
    const panel = lines.closest(".cell-states");
    pick(panel, panel.picked + step);
  });
}
