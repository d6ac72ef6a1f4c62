// Attention: every head of every layer from one message, drawn and switched without a request.
{
  const { element, percent, bar } = orrery;
  // How many keys a query sees, and how many all queries before it: a causal map is a triangle.
  const sees = ({ causal, labels }, query) => (causal ? query + 1 : labels.length);
  const before = ({ causal, labels }, query) =>
    causal ? (query * (query + 1)) / 2 : query * labels.length;
  const byWidth = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!target.isConnected) byWidth.unobserve(target); // a new result has replaced it
      else if (target.clientWidth !== target.drawnWidth) drawLarge(target.closest(".attention"));
    }
  });

  orrery.widget("attention", (widget, value) => {
    widget.facts = value;
    widget.maps = Uint8Array.from(atob(value.maps), (character) => character.charCodeAt(0));
    widget.chosen = orrery.chosenHead(value);
    widget.query = value.open[2];
    widget.pinned = false;
    build(widget);
  });

  orrery.onHead((layer, head) => {
    for (const widget of document.querySelectorAll(".attention")) {
      widget.chosen = [layer, head];
      if (widget.facts) drawLarge(widget);
    }
  });

  function weight(widget, layer, head, query, key) {
    const { heads, labels } = widget.facts;
    const start = (layer * heads + head) * before(widget.facts, labels.length);
    return widget.maps[start + before(widget.facts, query) + key] / 255;
  }

  function build(widget) {
    const grid = orrery.headGrid("head-grid", widget.facts, fillButton);
    const large = element("canvas", "large");
    large.tabIndex = 0;
    large.setAttribute("role", "img");
    const scroll = element("div", "scroll", large);
    const scale = element(
      "div", "scale", "Rows are queries, columns are keys. Share: 0", element("span", "attention-ramp"), "1"
    );
    const one = element("div", "one-head", element("h2", ""), scroll, element("p", "sink"), scale);
    const readout = element("div", "readout");
    readout.setAttribute("aria-live", "polite");
    widget.replaceChildren(element("div", "head-list", grid), one, readout);
    draw(widget);
    byWidth.observe(scroll);
  }

  function fillButton(button, layer, head) {
    button.append(element("canvas", ""));
    button.setAttribute("aria-label", `Layer ${layer + 1}, head ${head + 1}`);
  }

  function draw(widget) {
    for (const button of widget.querySelectorAll("button[data-head]")) {
      drawSmall(widget, button.firstChild, ...button.dataset.head.split(",").map(Number));
    }
    drawLarge(widget);
  }

  const style = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  const hue = () => style("--orrery-attention").split(" ").map(Number);

  function drawSmall(widget, canvas, layer, head) {
    const n = widget.facts.labels.length;
    canvas.width = canvas.height = n;
    const context = canvas.getContext("2d");
    const image = context.createImageData(n, n);
    const colour = hue();
    for (let query = 0; query < n; query++) {
      for (let key = 0; key < sees(widget.facts, query); key++) {
        const share = weight(widget, layer, head, query, key);
        image.data.set([...colour, Math.round(share * 255)], 4 * (query * n + key));
      }
    }
    context.putImageData(image, 0, 0);
  }

  function drawLarge(widget) {
    const canvas = widget.querySelector("canvas.large");
    const context = fit(widget, canvas);
    drawCells(widget, context, canvas.geometry);
    drawLabels(widget, context, canvas.geometry);
    describe(widget, canvas);
    drawReadout(widget);
  }

  // As large as the width allows, and the height of the screen; below the smallest cell, which can
  // still be read, the map scrolls.
  function fit(widget, canvas) {
    const { labels } = widget.facts;
    const lecture = document.documentElement.classList.contains("lecture");
    const [least, most, largest] = lecture ? [18, 48, 24] : [14, 34, 17];
    const scroll = canvas.parentElement;
    scroll.drawnWidth = scroll.clientWidth;
    const context = canvas.getContext("2d");
    context.font = '100px "IBM Plex Mono", monospace';
    const widest = Math.max(...labels.map((label) => context.measureText(label).width)) / 100;
    const fontOf = (cell) => Math.min(largest, cell - 2);
    const marginOf = (cell) => 12 + widest * fontOf(cell);
    const sideOf = (cell) => marginOf(cell) + labels.length * cell + 4;
    const top = scroll.getBoundingClientRect().top + window.scrollY;
    const below = window.innerHeight - top - (lecture ? 40 : 8);
    const width = scroll.clientWidth || 560;
    const room = 3 * below > window.innerHeight ? Math.min(width, below) : width; // not on a phone
    let cell = most;
    while (cell > least && sideOf(cell) > room) cell -= 1;
    const side = sideOf(cell);
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.height = Math.ceil(side * ratio);
    canvas.style.width = canvas.style.height = `${side}px`;
    canvas.geometry = { margin: marginOf(cell), cell, font: fontOf(cell) };
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }

  function drawCells(widget, context, { margin, cell }) {
    const [layer, head] = widget.chosen;
    const [r, g, b] = hue();
    widget.facts.labels.forEach((_, query) => {
      for (let key = 0; key < sees(widget.facts, query); key++) {
        context.fillStyle = `rgba(${r}, ${g}, ${b}, ${weight(widget, layer, head, query, key)})`;
        context.fillRect(margin + key * cell, margin + query * cell, cell - 1, cell - 1);
      }
    });
    context.strokeStyle = style("--orrery-ink");
    context.lineWidth = 2;
    const row = margin + widget.query * cell;
    context.strokeRect(margin - 1, row - 1, sees(widget.facts, widget.query) * cell + 1, cell + 1);
  }

  function drawLabels(widget, context, { margin, cell, font }) {
    const ink = style("--orrery-ink");
    const muted = style("--orrery-muted");
    context.font = `${font}px "IBM Plex Mono", monospace`;
    context.textBaseline = "middle";
    widget.facts.labels.forEach((label, i) => {
      context.fillStyle = i === widget.query ? ink : muted;
      context.textAlign = "right";
      context.fillText(label, margin - 6, margin + (i + 0.5) * cell);
      context.save();
      context.translate(margin + (i + 0.5) * cell, margin - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillStyle = muted;
      context.fillText(label, 0, 0);
      context.restore();
    });
  }

  function describe(widget, canvas) {
    const [layer, head] = widget.chosen;
    const { labels, sinks, even, isSink } = widget.facts;
    const name = `Layer ${layer + 1}, head ${head + 1}`;
    widget.querySelector(".one-head h2").textContent = name;
    const rests = `on average ${percent(sinks[layer][head])} % of a row rests on the first token`;
    const spread = `${percent(even)} % if it were spread evenly`;
    widget.querySelector(".sink").textContent = labels.length < 2 // a row of 100 %, whatever the head
      ? "" : isSink[layer][head]
      ? `First-token sink: ${rests} (${spread}), which is not importance.`
      : `${rests[0].toUpperCase()}${rests.slice(1)} (${spread}).`;
    canvas.setAttribute(
      "aria-label", `${name}: rows are queries, columns are keys. Up and down arrow choose a row.`
    );
    orrery.pressHead(widget, layer, head);
  }

  function drawReadout(widget) {
    const [layer, head] = widget.chosen;
    const { labels } = widget.facts;
    const row = labels.slice(0, sees(widget.facts, widget.query))
      .map((label, key) => [label, weight(widget, layer, head, widget.query, key), key])
      .sort((one, other) => other[1] - one[1] || one[2] - other[2]);
    const shown = row.slice(0, 6).filter(([, share], i) => i === 0 || share >= 0.005);
    const rest = 1 - shown.reduce((sum, [, share]) => sum + share, 0);
    const bars = shown.map(([label, share, key]) => readoutBar(label, share, `token ${key + 1}`));
    if (row.length > shown.length && rest >= 0.005) {
      bars.push(readoutBar(`${row.length - shown.length} others`, rest, "all other tokens", "rest"));
    }
    widget.querySelector(".readout").replaceChildren(
      element("h3", "", `Token ${widget.query + 1}, `, element("code", "", labels[widget.query]), ", mixes in values from"),
      ...bars
    );
  }

  function readoutBar(label, share, where, kind = "") {
    const row = bar(label, [[share, "kept"]], { value: `${percent(share)}\u00a0%`, kind });
    row.title = `${label}, ${where}`;
    return row;
  }

  function choose(widget, query) {
    const next = Math.min(widget.facts.labels.length - 1, Math.max(0, query));
    if (next === widget.query) return;
    widget.query = next;
    drawLarge(widget);
  }

  function rowAt(canvas, event) {
    const { margin, cell } = canvas.geometry;
    return Math.floor((event.clientY - canvas.getBoundingClientRect().top - margin) / cell);
  }

  // A mouse shows the row it is over; a click or a tap pins one, a second click lets go.
  document.addEventListener("pointermove", (event) => {
    const canvas = orrery.at(event, "canvas.large");
    const widget = canvas && canvas.closest(".attention");
    if (widget && !widget.pinned && event.pointerType === "mouse" && rowAt(canvas, event) >= 0) {
      choose(widget, rowAt(canvas, event));
    }
  });

  document.addEventListener("pointerup", (event) => {
    const canvas = orrery.at(event, "canvas.large");
    if (!canvas || rowAt(canvas, event) < 0) return;
    const widget = canvas.closest(".attention");
    widget.pinned = !(widget.pinned && rowAt(canvas, event) === widget.query);
    choose(widget, rowAt(canvas, event));
  });

  document.addEventListener("keydown", (event) => {
    const canvas = orrery.at(event, "canvas.large");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!canvas || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    const widget = canvas.closest(".attention");
    widget.pinned = true;
    choose(widget, widget.query + by);
    event.preventDefault();
  });

  const redraw = () => {
    for (const widget of document.querySelectorAll(".attention")) {
      if (widget.facts) draw(widget);
    }
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("resize", redraw);
}
