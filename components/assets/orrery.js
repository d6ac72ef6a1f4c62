// What the page does by itself, without a request: links, lecture size, picking tokens, and
// drawing attention. Text that a person typed only ever becomes a text node here.
const orrery = (() => {
  const number = new Intl.NumberFormat("en");
  const percent = (share) => (share > 0 && share < 0.0005 ? "< 0.1" : (100 * share).toFixed(1));

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  // ---- Links: ?view=key&name=value, read when the page opens, written on request

  function restore([key, spec], values) {
    const query = new URLSearchParams(location.search);
    if (query.get("view") !== key) return values;
    const changed = [];
    const restored = spec.map(([name, low, high, step], i) => {
      const given = query.get(name);
      if (given === null) return values[i];
      if (low === null) return given;
      const asked = Number(given);
      if (given.trim() === "" || !Number.isFinite(asked)) {
        changed.push(`${name} is not a number in the link; ${values[i]} is used`);
        return values[i];
      }
      const steps = Math.round((asked - low) / (step || 1));
      const nearest = Number((low + steps * (step || 1)).toFixed(6));
      const used = Math.min(high, Math.max(low, nearest));
      if (Math.abs(used - asked) > 1e-9) changed.push(`${name} goes from ${low} to ${high}; ${used} is used`);
      return used;
    });
    if (changed.length) say(key, changed.join(". ") + ".");
    return restored;
  }

  function say(key, text) {
    const line = document.querySelector(`#${key}-view .address`);
    if (line) line.textContent = text;
    else requestAnimationFrame(() => say(key, text)); // the tab is not drawn yet
  }

  function link([key, spec], values) {
    const query = new URLSearchParams({ view: key });
    spec.forEach(([name], i) => query.set(name, values[i]));
    if (document.documentElement.classList.contains("lecture")) query.set("lecture", "1");
    const address = `${location.origin}${location.pathname}?${query}`;
    history.replaceState(null, "", address);
    // Over plain http on a local network browsers offer no clipboard: the address bar has it too.
    const copied = navigator.clipboard?.writeText(address);
    const shown = element("p", "address", address);
    shown.prepend(element("b", "", copied ? "Copied: " : "In the address bar: "));
    return shown.outerHTML;
  }

  // ---- Download: what is on stage, as JSON, made here without a request

  const text = (part, selector) => part.querySelector(selector)?.textContent ?? "";

  const EXPORTS = {
    ".chip": (chip) => ({ text: text(chip, "b"), id: Number(text(chip, "span")), bytes: text(chip, "small") }),
    ".bars": (list) => ({
      title: text(list, "h2"),
      rows: [...list.querySelectorAll(".bar")].map((row) => ({
        word: text(row, "code"), cosine: Number(text(row, ".value")), seen: text(row, ".remark"),
        query: row.classList.contains("query"),
      })),
    }),
    ".attention": (widget) => ({
      labels: widget.facts.labels,
      order: "layer, head, query, key up to query; a row sums to 1 within 8-bit rounding",
      weights: eachHead(widget),
    }),
    ".lane": (lane) => ({
      strategy: text(lane, ".heading b"), prompt: text(lane, "em"),
      tokens: [...lane.querySelectorAll(".t")].map((token) => ({
        text: token.textContent, ...JSON.parse(token.dataset.step),
      })),
    }),
  };

  function eachHead(widget) {
    const { layers, heads, labels } = widget.facts;
    const rows = (layer, head) => labels.map((_, query) =>
      labels.slice(0, query + 1).map((_, key) => Number(weight(widget, layer, head, query, key).toFixed(4)))
    );
    return Array.from({ length: layers }, (_, layer) =>
      Array.from({ length: heads }, (_, head) => rows(layer, head)));
  }

  function download(key) {
    const content = { view: key, address: location.href };
    for (const [selector, read] of Object.entries(EXPORTS)) {
      const parts = [...document.querySelectorAll(`#${key}-view ${selector}`)];
      if (parts.length) content[selector.slice(1)] = parts.map(read);
    }
    const blob = new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
    const anchor = element("a", "");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = `orrery-${key}.json`;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  }

  function openLinkedTab() {
    const key = new URLSearchParams(location.search).get("view");
    const tab = key && document.getElementById(`${CSS.escape(key)}-tab-button`);
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
    return !key || Boolean(tab);
  }

  function lecture(on) {
    document.documentElement.classList.toggle("lecture", on);
    const button = document.querySelector("button.lecture");
    if (button) button.setAttribute("aria-pressed", String(on));
  }

  function toggleLecture() {
    const on = !document.documentElement.classList.contains("lecture");
    lecture(on);
    const query = new URLSearchParams(location.search);
    if (on) query.set("lecture", "1");
    else query.delete("lecture");
    history.replaceState(null, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
  }

  // ---- Lanes: pick a step, see what every strategy could choose from

  const picked = { place: 0 };

  function drawDetail(panel) {
    const lanes = [...document.querySelectorAll(`#${panel.dataset.lanes} .lane`)];
    const longest = Math.max(0, ...lanes.map((lane) => lane.querySelectorAll(".t").length));
    if (!longest) return;
    const place = Math.min(picked.place, longest - 1);
    const steps = lanes.map((lane) => lane.querySelector(`.t[data-place="${place}"]`));
    for (const token of document.querySelectorAll(`#${panel.dataset.lanes} .t.sel`)) {
      if (!steps.includes(token)) token.classList.remove("sel");
    }
    steps.forEach((token) => token?.classList.add("sel"));
    const state = JSON.stringify([place, steps.map((token) => token?.dataset.step)]);
    if (panel.state === state) return;
    panel.state = state;
    const columns = lanes.map((lane, i) =>
      drawStep(lane.querySelector(".heading b").textContent, steps[i]?.dataset.step)
    );
    panel.replaceChildren(
      element("h2", "", `Step ${place + 1}: what each strategy could choose from`),
      element("div", "steps", ...columns)
    );
  }

  function drawStep(title, data) {
    const column = element("div", "step", element("h3", "", title));
    if (!data) {
      column.append(element("p", "", "This lane has not come so far."));
      return column;
    }
    const step = JSON.parse(data);
    const share = `${number.format(step.survivors)} of ${number.format(step.vocabulary)} tokens`;
    column.append(element("p", "", `${share}, ${percent(step.mass)} % of the probability`));
    const [restKept, restCut] = step.rest;
    const widest = Math.max(...step.bars.map((bar) => bar[1]));
    for (const [label, share, kept, hit] of step.bars) {
      column.append(drawBar(label, hit ? [share, 0] : kept ? [share, 0] : [0, share], widest, hit));
    }
    const others = `${number.format(step.vocabulary - step.bars.length)} others`;
    const rest = drawBar(others, [restKept, restCut], widest, 0);
    if (rest.querySelector(".torn")) rest.title += ", not to scale";
    rest.classList.add("rest");
    column.append(rest);
    return column;
  }

  function drawBar(label, [kept, cut], widest, hit) {
    const track = element("span", "track");
    const scale = Math.max(widest, kept + cut); // a bar longer than the track is torn off
    if (scale > widest) track.classList.add("torn");
    for (const [share, name] of [[kept, "kept"], [cut, "cut"]]) {
      if (!share) continue;
      const bar = element("u", name);
      bar.style.width = `${Math.max(0.5, (100 * share) / scale)}%`;
      track.append(bar);
    }
    const row = element("div", "bar", element("code", "", label), track, element("span", "value", percent(kept + cut)));
    if (hit) row.classList.add("hit");
    if (!kept) row.classList.add("all-cut");
    row.title = `${label}: ${percent(kept + cut)} %${kept ? "" : ", cut off"}${hit ? ", chosen" : ""}`;
    return row;
  }

  function pick(token) {
    picked.place = Number(token.dataset.place);
    refresh();
  }

  function moveInLane(lane, by) {
    const tokens = lane.querySelectorAll(".t");
    if (!tokens.length) return;
    const place = Math.min(tokens.length - 1, Math.max(0, picked.place + by));
    pick(tokens[place]);
  }

  // ---- Attention: every head from one message

  function heads(widget) {
    if (!widget.facts || widget.drawnFrom !== widget.dataset.maps) {
      widget.facts = JSON.parse(widget.dataset.facts);
      const raw = atob(widget.dataset.maps);
      widget.maps = Uint8Array.from(raw, (character) => character.charCodeAt(0));
      widget.drawnFrom = widget.dataset.maps;
      const [layer, head, query] = widget.facts.open;
      widget.chosen = [layer, head];
      widget.query = query;
      buildHeads(widget);
    }
  }

  const triangle = (n) => (n * (n + 1)) / 2;

  function weight(widget, layer, head, query, key) {
    const { heads, labels } = widget.facts;
    return widget.maps[(layer * heads + head) * triangle(labels.length) + triangle(query) + key] / 255;
  }

  function buildHeads(widget) {
    const { layers, heads } = widget.facts;
    const grid = element("div", "head-grid");
    grid.style.setProperty("--heads", heads);
    for (let layer = 0; layer < layers; layer++) {
      grid.append(element("span", "layer", `Layer ${layer + 1}`));
      for (let head = 0; head < heads; head++) {
        const button = element("button", "", element("canvas", ""));
        button.type = "button";
        button.dataset.head = `${layer},${head}`;
        button.setAttribute("aria-label", `Layer ${layer + 1}, head ${head + 1}`);
        grid.append(button);
        drawSmall(widget, button.firstChild, layer, head);
      }
    }
    const large = element("canvas", "large");
    large.tabIndex = 0;
    large.setAttribute("role", "img");
    const view = element(
      "div", "one-head",
      element("h2", ""), element("p", "sink"),
      element("div", "scroll", large),
      element("div", "scale", "0", element("span", "attention-ramp"), "1: share that a row takes from a column"),
    );
    widget.replaceChildren(element("div", "head-list", grid), view, element("div", "readout"));
    widget.querySelector(".readout").setAttribute("aria-live", "polite");
    drawLarge(widget);
  }

  function colour() {
    const probe = getComputedStyle(document.body).getPropertyValue("--orrery-attention").trim();
    return probe.split(" ").map(Number); // "r g b"
  }

  function drawSmall(widget, canvas, layer, head) {
    const n = widget.facts.labels.length;
    canvas.width = canvas.height = n;
    const [r, g, b] = colour();
    const context = canvas.getContext("2d");
    const image = context.createImageData(n, n);
    for (let query = 0; query < n; query++) {
      for (let key = 0; key <= query; key++) {
        const share = weight(widget, layer, head, query, key);
        image.data.set([r, g, b, Math.round(share * 255)], 4 * (query * n + key));
      }
    }
    context.putImageData(image, 0, 0);
  }

  function drawLarge(widget) {
    const [layer, head] = widget.chosen;
    const { labels, sinks, sinkFrom } = widget.facts;
    const n = labels.length;
    const canvas = widget.querySelector("canvas.large");
    const styles = getComputedStyle(document.body);
    const ink = styles.getPropertyValue("--orrery-ink");
    const muted = styles.getPropertyValue("--orrery-muted");
    const size = document.documentElement.classList.contains("lecture") ? 1.4 : 1;
    const context = canvas.getContext("2d");
    const room = canvas.parentElement.clientWidth || 560;
    let font = 17 * size;
    const measure = () => {
      context.font = `${font}px "IBM Plex Mono", monospace`;
      return 12 + Math.max(...labels.map((label) => context.measureText(label).width));
    };
    // As large as the stage allows; below 14 px a cell is too small to read, and the map scrolls.
    const cell = Math.max(14, Math.min(34, Math.floor((room - measure() - 6) / n) / size)) * size;
    font = Math.min(font, cell - 2);
    const margin = measure();
    const side = margin + n * cell + 4;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.height = Math.ceil(side * ratio);
    canvas.style.width = canvas.style.height = `${side}px`;
    canvas.geometry = { margin, cell };
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, side, side);
    context.font = `${font}px "IBM Plex Mono", monospace`;
    context.textBaseline = "middle";
    const [r, g, b] = colour();
    for (let query = 0; query < n; query++) {
      const y = margin + query * cell;
      for (let key = 0; key <= query; key++) {
        context.fillStyle = `rgba(${r}, ${g}, ${b}, ${weight(widget, layer, head, query, key)})`;
        context.fillRect(margin + key * cell, y, cell - 1, cell - 1);
      }
      context.fillStyle = query === widget.query ? ink : muted;
      context.textAlign = "right";
      context.fillText(labels[query], margin - 6, y + cell / 2);
      context.save();
      context.translate(margin + query * cell + cell / 2, margin - 6);
      context.rotate(-Math.PI / 2);
      context.textAlign = "left";
      context.fillStyle = muted;
      context.fillText(labels[query], 0, 0);
      context.restore();
    }
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.strokeRect(margin - 1, margin + widget.query * cell - 1, (widget.query + 1) * cell + 1, cell + 1);

    const name = `Layer ${layer + 1}, head ${head + 1}`;
    widget.querySelector(".one-head h2").textContent = name;
    const share = sinks[layer][head];
    widget.querySelector(".sink").textContent = share >= sinkFrom
      ? `First-token sink: on average ${percent(share)} % of a row rests on the first token, which is not importance.`
      : `On average ${percent(share)} % of a row rests on the first token.`;
    canvas.setAttribute("aria-label", `${name}: rows are queries, columns are keys. Up and down arrow choose a row.`);
    for (const button of widget.querySelectorAll("button[data-head]")) {
      button.setAttribute("aria-pressed", String(button.dataset.head === `${layer},${head}`));
    }
    drawReadout(widget);
  }

  function drawReadout(widget) {
    const [layer, head] = widget.chosen;
    const { labels } = widget.facts;
    const row = labels.slice(0, widget.query + 1)
      .map((label, key) => [label, weight(widget, layer, head, widget.query, key), key])
      .sort((one, other) => other[1] - one[1] || one[2] - other[2]);
    const shown = row.slice(0, 6).filter(([, share], i) => i === 0 || share >= 0.005);
    const bars = shown.map(([label, share, key]) => {
      const bar = drawBar(label, [share, 0], 1, 0);
      bar.querySelector(".value").textContent = `${Math.round(100 * share)} %`;
      bar.title = `${label}, token ${key + 1}`;
      return bar;
    });
    widget.querySelector(".readout").replaceChildren(
      element("h3", "", `Token ${widget.query + 1}, `, element("code", "", labels[widget.query]), ", mixes in values from"),
      ...bars
    );
  }

  function chooseQuery(widget, query) {
    const last = widget.facts.labels.length - 1;
    const next = Math.min(last, Math.max(0, query));
    if (next === widget.query) return;
    widget.query = next;
    drawLarge(widget);
  }

  function queryAt(canvas, event) {
    const { margin, cell } = canvas.geometry;
    return Math.floor((event.clientY - canvas.getBoundingClientRect().top - margin) / cell);
  }

  // ---- Events, delegated: Gradio draws and redraws the parts as it likes

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (!(target instanceof Element)) return;
    const token = target.closest(".t[data-step]");
    if (token) pick(token);
    if (target.closest("button.lecture")) {
      toggleLecture();
      for (const widget of document.querySelectorAll(".attention[data-maps]")) drawLarge(widget);
    }
    const small = target.closest("button[data-head]");
    if (small) {
      const widget = small.closest(".attention");
      widget.chosen = small.dataset.head.split(",").map(Number);
      drawLarge(widget);
    }
  });

  document.addEventListener("pointermove", (event) => {
    const canvas = event.target instanceof Element && event.target.closest("canvas.large");
    if (!canvas) return;
    const query = queryAt(canvas, event);
    if (query >= 0) chooseQuery(canvas.closest(".attention"), query);
  });

  document.addEventListener("keydown", (event) => {
    const lane = event.target instanceof Element && event.target.closest(".out");
    const canvas = event.target instanceof Element && event.target.closest("canvas.large");
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    if (lane && event.key !== "ArrowUp" && event.key !== "ArrowDown") moveInLane(lane, by);
    else if (canvas) chooseQuery(canvas.closest(".attention"), canvas.closest(".attention").query + by);
    else return;
    event.preventDefault();
  });

  let scheduled = false;
  let tabOpened = false;

  function refresh() {
    scheduled = false;
    if (!tabOpened && document.querySelector("[role=tab]")) {
      tabOpened = openLinkedTab();
      lecture(new URLSearchParams(location.search).get("lecture") === "1");
    }
    for (const panel of document.querySelectorAll(".detail[data-lanes]")) drawDetail(panel);
    for (const widget of document.querySelectorAll(".attention[data-maps]")) heads(widget);
  }

  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(refresh);
  }).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-maps", "data-step"],
  });

  return { restore, link, download };
})();
