// One square map of one head: cells, labels, outlines of where a role looks, and a row read out.
{
  const { element, percent } = orrery;
  const byWidth = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!target.isConnected) byWidth.unobserve(target); // a new result has replaced it
      else if (target.clientWidth !== target.drawnWidth) draw(target);
    }
  });

  orrery.shares = (packed) => Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));

  // An element with a map. Give it new facts by `orrery.redrawMap`.
  orrery.oneMap = () => {
    const canvas = element("canvas", "one-map");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    const said = element("p", "one-map-said");
    said.setAttribute("aria-live", "polite");
    const box = element("div", "one-map-box", element("div", "scroll", canvas), said);
    byWidth.observe(box);
    return box;
  };

  // facts: {name, labels, share(query, key), cells: [[query, key]], row}; what is not given stays.
  orrery.redrawMap = (box, facts) => {
    box.facts = { cells: [], ...box.facts, ...facts, drawn: (box.facts?.drawn ?? 0) + ("share" in facts) };
    const last = box.facts.labels.length - 1;
    box.facts.row = Math.min(box.facts.row ?? last, last);
    draw(box);
  };

  // As large as the width and the screen allow.
  function draw(box) {
    if (!box.facts) return;
    box.drawnWidth = box.clientWidth;
    const canvas = box.querySelector("canvas"), { labels, share, cells, row, name, drawn } = box.facts;
    const lecture = document.documentElement.classList.contains("lecture");
    const room = [box.clientWidth || 460, Math.max(360, window.innerHeight - (lecture ? 330 : 390))];
    const map = { rows: labels, columns: labels, sees: () => labels.length, weight: share };
    orrery.drawMap(canvas, { ...map, name: drawn, row, column: null, still: true }, room);
    outline(canvas, cells);
    canvas.setAttribute(
      "aria-label", `${name}: rows are queries, columns are keys. Up and down arrow choose a row.`
    );
    box.querySelector(".one-map-said").replaceChildren(...reading(box.facts));
  }

  function outline(canvas, cells) {
    const context = canvas.getContext("2d"), { left, top, cell } = canvas.geometry;
    context.strokeStyle = orrery.style("--orrery-accent");
    context.lineWidth = 1.5;
    for (const [query, key] of cells) {
      context.strokeRect(left + key * cell + 0.5, top + query * cell + 0.5, cell - 2, cell - 2);
    }
  }

  function reading({ labels, share, row }) {
    const most = labels.map((label, key) => [share(row, key), label, key])
      .sort(([one], [other]) => other - one).slice(0, 3).filter(([found]) => found >= 0.005);
    const parts = most.flatMap(([found, label, key], i) => [
      i ? ", " : "", element("code", "", label), ` (token ${key + 1}) ${percent(found)}\u00a0%`,
    ]);
    const asking = [`Token ${row + 1}, `, element("code", "", labels[row])];
    return most.length ? [...asking, ", looks at ", ...parts, "."] : [...asking, " looks at nothing here."];
  }

  function choose(canvas, row) {
    const box = canvas.closest(".one-map-box");
    const within = Math.min(box.facts.labels.length - 1, Math.max(0, row));
    if (within !== box.facts.row) orrery.redrawMap(box, { row: within });
  }

  for (const kind of ["pointermove", "pointerup"]) {
    document.addEventListener(kind, (event) => {
      const canvas = orrery.at(event, "canvas.one-map");
      if (canvas && (kind === "pointerup" || event.pointerType === "mouse")) {
        const [row] = orrery.cellAt(canvas, event) ?? [];
        if (row !== undefined) choose(canvas, row);
      }
    });
  }

  document.addEventListener("keydown", (event) => {
    const canvas = orrery.at(event, "canvas.one-map");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!canvas || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    choose(canvas, canvas.closest(".one-map-box").facts.row + by);
    event.preventDefault();
  });

  const redraw = () => document.querySelectorAll(".one-map-box").forEach(draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("resize", redraw);
}
