// A cell of an attention map: the map to pick it from, its sum term by term, and what changes.
{
  const { element, percent, signed } = orrery;
  const SHOWN = 6; // keys of the row

  orrery.widget("cell", (panel, value) => {
    panel.facts = value;
    panel.map = Uint8Array.from(atob(value.map), (character) => character.charCodeAt(0));
    panel.change ??= 1; // the edited score
    const canvas = element("canvas", "opened-map");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Layer ${value.layer}, head ${value.head}: rows are queries, columns are keys. Arrow keys choose a cell.`);
    panel.replaceChildren(
      element("div", "opened-of", element("h2", "", pickers(panel)), canvas),
      element("div", "opened-sum", about(value), ...sum(value)),
      element("div", "opened-row", ...row(value)),
      element("div", "opened-changes", ...changes(panel))
    );
    draw(panel);
  });

  function pickers({ facts }) {
    const list = (name, count, chosen) => {
      const made = element("select", "", ...Array.from({ length: count }, (_, i) => element("option", "", String(i + 1))));
      made.value = String(chosen);
      made.setAttribute("aria-label", name);
      made.addEventListener("change", () => {
        const [layer, head] = made.closest("h2").querySelectorAll("select");
        ask(layer.value, head.value, facts.query, facts.key);
      });
      return made;
    };
    return element("span", "", "Layer ", list("Layer", facts.layers, facts.layer), ", head ", list("Head", facts.heads, facts.head));
  }

  function about({ labels, query, key }) {
    return element(
      "p", "", "Row ", element("code", "", labels[query - 1]), `, token ${query}; column `,
      element("code", "", labels[key - 1]), `, token ${key}. `, element("span", "strip-readout", "Pick another from the map.")
    );
  }

  function strip(name, numbers, end, most) {
    const drawn = orrery.strips([Float32Array.from(numbers)], [name], most ? { full: most } : {});
    drawn.classList.add("opened-strip");
    return element("div", "opened-line", element("span", "", name), drawn, element("b", "", end));
  }

  function sum(value) {
    const { query, key, labels, root } = value;
    const q = labels[query - 1], k = labels[key - 1], d = value.terms.length;
    const most = Math.max(...[...value.query_turned, ...value.key_turned].map(Math.abs));
    return [
      strip(`query of ${q}`, value.query_vector, "", most),
      strip(`turned, place ${query}`, value.query_turned, "", most),
      strip(`key of ${k}`, value.key_vector, "", most),
      strip(`turned, place ${key}`, value.key_turned, "", most),
      strip("product", value.terms, `sum ${signed(value.dot)}`),
      element(
        "p", "opened-score", `${signed(value.dot)} / \u221a${d} = ${signed(value.dot)} / ${root.toFixed(2)} = `,
        element("b", "", signed(value.score)), `, the score; after the softmax over ${query} ${query === 1 ? "key" : "keys"}: `,
        element("b", "", `${percent(value.weight)}\u00a0%`)
      ),
      strip(`value of ${k}`, value.value, `length ${value.value_length.toFixed(1)}`),
      strip("all values mixed", value.mixed, ""),
    ];
  }

  function row({ row: scores, labels, query, key }) {
    const order = scores.map((_, i) => i).sort((a, b) => scores[b].weight - scores[a].weight || a - b);
    const shown = order.slice(0, SHOWN);
    if (!shown.includes(key - 1)) shown[shown.length - 1] = key - 1;
    const bars = shown.map((i) => orrery.bar(labels[i], [[scores[i].weight, "kept"]], {
      value: `${percent(scores[i].weight)}\u00a0%`, remark: `score ${signed(scores[i].score)}`, kind: i === key - 1 ? "hit" : "",
    }));
    const hidden = labels.length - query;
    const masked = hidden ? `; the mask hides ${hidden === 1 ? "1 token" : `${hidden} tokens`} after it` : "";
    return [element("h3", "", "The row of ", element("code", "", labels[query - 1]), masked), ...bars];
  }

  function changes(panel) {
    const { changes: all, others } = panel.facts;
    const buttons = all.map(({ title }, i) => {
      const button = element("button", "", i === 1 ? `Score = ${String(panel.facts.set).replace("-", "\u2212")}` : title);
      button.type = "button";
      button.dataset.change = i;
      button.setAttribute("aria-pressed", String(i === panel.change));
      return button;
    }).slice(1);
    const { rows, rest, weight } = all[panel.change];
    const group = element("div", "opened-buttons", ...buttons);
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "What is changed");
    const told = element("p", "", `The cell: ${percent(panel.facts.weight)}\u00a0% \u2192 ${percent(weight)}\u00a0%. What follows the sentence:`);
    const moves = element("div", "moves", told, ...orrery.changes(rows, others, rest));
    moves.setAttribute("aria-live", "polite");
    return [element("h3", "", "Change it, and the model runs again"), group, moves];
  }

  function draw(panel) {
    const canvas = panel.querySelector("canvas.opened-map");
    const { labels, query, key } = panel.facts;
    const n = labels.length, side = canvas.clientWidth || 280, ratio = window.devicePixelRatio || 1;
    canvas.width = canvas.height = side * ratio;
    const context = canvas.getContext("2d");
    const style = getComputedStyle(document.body);
    const hue = style.getPropertyValue("--orrery-attention").trim().split(" ").join(", ");
    const cell = (side * ratio) / n, gap = cell > 4 * ratio ? ratio : 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        context.fillStyle = `rgba(${hue}, ${0.04 + 0.96 * (panel.map[(i * (i + 1)) / 2 + j] / 255)})`;
        context.fillRect(j * cell, i * cell, cell - gap, cell - gap);
      }
    }
    context.strokeStyle = style.getPropertyValue("--orrery-accent");
    context.lineWidth = 3 * ratio;
    context.strokeRect((key - 1) * cell, (query - 1) * cell, cell - ratio, cell - ratio);
  }

  const redraw = () => { for (const panel of document.querySelectorAll(".opened-cell[data-widget]")) if (panel.facts) draw(panel); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("resize", redraw);

  const ask = (layer, head, query, key) => orrery.ask("attention-cell", { cell: `${layer}.${head} ${query}.${key}` });

  const go = ({ facts }, query, key) => {
    const { layer, head } = facts;
    if (query < 1 || query > facts.labels.length || key < 1 || key > query) return;
    ask(layer, head, query, key);
  };

  document.addEventListener("click", (event) => {
    const canvas = orrery.at(event, "canvas.opened-map");
    if (canvas) {
      const panel = canvas.closest(".opened-cell"), box = canvas.getBoundingClientRect(), n = panel.facts.labels.length;
      const at = (from, to) => Math.ceil((n * (to - from)) / box.width);
      go(panel, at(box.top, event.clientY), at(box.left, event.clientX));
    }
    const button = orrery.at(event, ".opened-cell button[data-change]");
    if (!button) return;
    const panel = button.closest(".opened-cell");
    panel.change = Number(button.dataset.change);
    panel.querySelector(".opened-changes").replaceChildren(...changes(panel));
    panel.querySelector(`[data-change="${panel.change}"]`).focus();
  });

  document.addEventListener("keydown", (event) => {
    const canvas = orrery.at(event, "canvas.opened-map");
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!canvas || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const panel = canvas.closest(".opened-cell");
    go(panel, panel.facts.query + by[0], panel.facts.key + by[1]);
  });
}
