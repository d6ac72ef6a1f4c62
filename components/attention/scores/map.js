// One square map of one head: cells, labels, outlines of where a role looks, and a row read out.
{
  const { element, percent } = orrery;
  const style = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
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
    box.facts = { cells: [], ...box.facts, ...facts };
    const last = box.facts.labels.length - 1;
    box.facts.row = Math.min(box.facts.row ?? last, last);
    draw(box);
  };

  function draw(box) {
    if (!box.facts) return;
    const canvas = box.querySelector("canvas");
    const { margin, cell, font, side, context } = fit(box, canvas);
    const { labels, share, cells, row, name } = box.facts;
    const hue = style("--orrery-attention").split(" ").join(", ");
    const [ink, muted] = [style("--orrery-ink"), style("--orrery-muted")];
    context.clearRect(0, 0, side, side);
    labels.forEach((_, query) => labels.forEach((_, key) => {
      context.fillStyle = `rgba(${hue}, ${share(query, key)})`;
      context.fillRect(margin + key * cell, margin + query * cell, cell - 1, cell - 1);
    }));
    context.strokeStyle = style("--orrery-accent");
    context.lineWidth = 1.5;
    for (const [query, key] of cells) {
      context.strokeRect(margin + key * cell + 0.5, margin + query * cell + 0.5, cell - 2, cell - 2);
    }
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.strokeRect(margin - 1, margin + row * cell - 1, labels.length * cell + 1, cell + 1);
    context.font = `${font}px "IBM Plex Mono", monospace`;
    context.textBaseline = "middle";
    labels.forEach((label, at) => {
      const middle = margin + (at + 0.5) * cell;
      context.fillStyle = at === row ? ink : muted;
      context.textAlign = "right";
      context.fillText(label, margin - 6, middle);
      context.save();
      context.translate(middle, margin - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillStyle = muted;
      context.fillText(label, 0, 0);
      context.restore();
    });
    canvas.setAttribute(
      "aria-label", `${name}: rows are queries, columns are keys. Up and down arrow choose a row.`
    );
    box.querySelector(".one-map-said").replaceChildren(...reading(box.facts));
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

  // As large as the width and the screen allow; below the smallest cell the map scrolls.
  function fit(box, canvas) {
    const { labels } = box.facts;
    const lecture = document.documentElement.classList.contains("lecture");
    const [least, most, largest] = lecture ? [15, 44, 24] : [13, 30, 16];
    box.drawnWidth = box.clientWidth;
    const context = canvas.getContext("2d");
    context.font = '100px "IBM Plex Mono", monospace';
    const widest = Math.max(...labels.map((label) => context.measureText(label).width)) / 100;
    const fontOf = (cell) => Math.min(largest, cell - 1);
    const marginOf = (cell) => 10 + widest * fontOf(cell);
    const sideOf = (cell) => marginOf(cell) + labels.length * cell + 3;
    const room = Math.min(box.clientWidth || 460, Math.max(360, window.innerHeight - (lecture ? 300 : 390)));
    let cell = most;
    while (cell > least && sideOf(cell) > room) cell -= 1;
    const [side, ratio] = [sideOf(cell), window.devicePixelRatio || 1];
    canvas.width = canvas.height = Math.ceil(side * ratio);
    canvas.style.width = canvas.style.height = `${side}px`;
    canvas.geometry = { margin: marginOf(cell), cell };
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { margin: marginOf(cell), cell, font: fontOf(cell), side, context };
  }

  function choose(canvas, row) {
    const box = canvas.closest(".one-map-box");
    const within = Math.min(box.facts.labels.length - 1, Math.max(0, row));
    if (within !== box.facts.row) orrery.redrawMap(box, { row: within });
  }

  const rowAt = (canvas, event) => Math.floor(
    (event.clientY - canvas.getBoundingClientRect().top - canvas.geometry.margin) / canvas.geometry.cell
  );

  for (const kind of ["pointermove", "pointerup"]) {
    document.addEventListener(kind, (event) => {
      const canvas = orrery.at(event, "canvas.one-map");
      if (canvas && (kind === "pointerup" || event.pointerType === "mouse")) {
        if (rowAt(canvas, event) >= 0) choose(canvas, rowAt(canvas, event));
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
