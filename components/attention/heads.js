// Attention: every head of every layer as a small map, one of them as lines and as a map, and the
// shares of the chosen token. Switching heads makes no request where their maps are here.
{
  const { element, percent } = orrery;
  const VIEW = "attention-heads";
  const WIDE = 860; // px from which lines and map stand side by side
  let drawn = false; // before, a head that was chosen in another view comes first
  const byWidth = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!target.isConnected) byWidth.unobserve(target); // a new result has replaced it
      else if (target.clientWidth !== target.drawnWidth) layOut(target.closest(".attention"));
    }
  });

  orrery.widget("attention", (widget, value) => {
    const { labels, asking, open, causal } = value;
    const rows = asking ?? labels, facts = { ...value, rows, columns: labels, self: !asking };
    facts.ended = value.writes && value.written > 0 && rows.at(-1) === "end of text";
    facts.sees = (row) => (causal ? row + 1 : labels.length);
    facts.shown = orrery.shownOf(facts);
    widget.facts = facts;
    widget.maps = unpacked(value.maps);
    widget.row = Math.min(open[2], facts.shown - 1);
    widget.column = null;
    widget.pinned = false;
    widget.replaceChildren(); // of an earlier answer
    clearInterval(widget.playing);
    if (value.chosen && drawn) orrery.takeHead(open[0], open[1]);
    drawn = true;
    widget.chosen = orrery.chosenHead(value);
    build(widget);
    fetchLayer(widget);
  });

  orrery.onHead((layer, head) => {
    const box = document.querySelector(`#${VIEW}-head textarea, #${VIEW}-head input`);
    if (box) orrery.type(box, `${layer + 1}.${head + 1}`);
    for (const widget of document.querySelectorAll(".attention")) {
      if (!widget.facts || !widget.querySelector(".panes")) continue;
      if (!orrery.hasHead(widget.facts, layer, head)) continue;
      widget.chosen = [layer, head];
      if (!fetchLayer(widget)) drawLarge(widget);
    }
  });

  const unpacked = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  // Of a long text the maps of one layer travel: ask for those of another.
  function fetchLayer({ chosen, facts }) {
    if (facts.sent.includes(chosen[0])) return false;
    orrery.ask(VIEW, { head: chosen.map((i) => i + 1).join(".") });
    return true;
  }

  // Weights of one head in an array that holds `count` rows of `keys` for every head.
  function reader(bytes, place, { causal }, rows, keys) {
    const before = (row) => (causal ? (row * (row + 1)) / 2 : row * keys);
    const start = place * before(rows);
    return (row, column) => bytes[start + before(row) + column] / 255;
  }

  function weightOf({ facts, maps }, layer, head) {
    const place = facts.sent.indexOf(layer) * facts.heads + head;
    return reader(maps, place, facts, facts.rows.length, facts.columns.length);
  }

  function build(widget) {
    const { facts } = widget;
    const grid = orrery.headGrid("head-grid", facts, fillButton);
    const canvas = element("canvas", "large");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    const panes = element("div", "panes", element("div", "token-lines"), element("div", "map-pane", canvas));
    const scale = element("div", "scale", "Share: 0", element("span", "attention-ramp"), "1");
    const one = element(
      "div", "one-head", element("div", "one-top", element("h2", ""), ...orrery.translatorParts(facts), orrery.panes(facts)),
      ...orrery.ages(facts),
      panes, element("p", "sink"), element("div", "one-foot", ...written(widget), scale)
    );
    const readout = element("div", "readout");
    readout.setAttribute("aria-live", "polite");
    widget.replaceChildren(element("div", "head-list", grid), one, readout);
    orrery.buildLines(panes.firstChild, facts);
    drawGrid(widget);
    layOut(widget);
    byWidth.observe(panes);
  }

  function fillButton(button, layer, head) {
    button.append(element("canvas", ""));
    button.setAttribute("aria-label", `Layer ${layer + 1}, head ${head + 1}`);
  }

  function written(widget) {
    const { facts } = widget;
    if (!facts.writes && !facts.written) return [];
    return [orrery.writing(widget, facts, (shown) => {
      facts.shown = shown;
      widget.row = shown - 1;
      widget.column = null;
      drawLarge(widget);
    })];
  }

  function drawGrid(widget) {
    const { facts, maps } = widget, { small, heads } = facts;
    const bytes = small ? unpacked(small[2]) : maps;
    const [rows, columns] = small ?? [facts.rows.length, facts.columns.length];
    const sees = (row) => (facts.causal ? row + 1 : columns);
    for (const button of widget.querySelectorAll("button[data-head]")) {
      const [layer, head] = button.dataset.head.split(",").map(Number);
      orrery.mapImage(button.firstChild, rows, columns, sees, reader(bytes, layer * heads + head, facts, rows, columns));
    }
  }

  // As high as the screen leaves room for; on a phone as high as it is wide.
  function layOut(widget) {
    const panes = widget.querySelector(".panes");
    if (!panes || !panes.clientWidth) return;
    const lecture = document.documentElement.classList.contains("lecture");
    const top = panes.getBoundingClientRect().top + window.scrollY;
    const below = window.innerHeight - top - (lecture ? 176 : 104);
    const pane = orrery.paneOf(widget.facts), both = panes.clientWidth >= WIDE;
    widget.room = panes.clientWidth < 500 ? 1.1 * panes.clientWidth : Math.max(300, below);
    panes.drawnWidth = panes.clientWidth;
    panes.className = `panes ${both ? "both" : pane}`;
    panes.style.minHeight = `${widget.room}px`;
    widget.querySelectorAll("[data-pane]").forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.pane === pane)));
    widget.querySelector(".switch:has([data-pane])").hidden = both;
    const lines = panes.firstChild;
    if (lines.clientWidth) orrery.fitLines(lines, widget.room);
    drawLarge(widget);
  }

  function drawLarge(widget) {
    const { facts, chosen: [layer, head], row, column } = widget;
    if (!facts.sent.includes(layer)) return; // it is asked for
    const [lines, pane] = widget.querySelector(".panes").children, canvas = pane.firstChild;
    const whole = weightOf(widget, layer, head);
    const hidden = (i, j) => i >= facts.shown || (facts.self && j >= facts.shown);
    const map = {
      ...facts, row, column, weight: (i, j) => (hidden(i, j) ? 0 : whole(i, j)),
      name: [layer, head, facts.shown, orrery.attentionHue()].join(),
    };
    if (lines.clientWidth) orrery.drawLines(lines, map);
    if (pane.clientWidth) orrery.drawMap(canvas, map, [pane.clientWidth, widget.room]);
    describe(widget, canvas);
    orrery.readout(widget.querySelector(".readout"), map);
  }

  function describe(widget, canvas) {
    const [layer, head] = widget.chosen, { columns, sinks, even, isSink, self } = widget.facts;
    const name = `Layer ${layer + 1}, head ${head + 1}`;
    widget.querySelector(".one-head h2").textContent = name;
    const rests = self && `on average ${percent(sinks[layer][head])}\u00a0% of a row rests on the first token`;
    const spread = `${percent(even)}\u00a0% if it were spread evenly`;
    widget.querySelector(".sink").textContent = !self || columns.length < 2 // a row of 100 %, whatever the head
      ? "" : isSink[layer][head]
      ? `First-token sink: ${rests} (${spread}), which is not importance.`
      : `${rests[0].toUpperCase()}${rests.slice(1)} (${spread}).`;
    canvas.setAttribute(
      "aria-label", `${name}: a row is a token that asks, a column one that is asked. Up and down arrow choose a row.`
    );
    orrery.pressHead(widget, layer, head);
  }

  // For what is chosen beside the picture and in it.
  orrery.heads = { layOut, draw: drawLarge };

  const redraw = () => {
    for (const widget of document.querySelectorAll(".attention")) {
      if (!widget.facts || !widget.querySelector(".panes")) continue;
      drawGrid(widget);
      layOut(widget);
    }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("resize", redraw);
}
