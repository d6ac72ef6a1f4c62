// The overview of a token's way: a column a step with a row a token, the followed token's own parts
// in a stack, and what comes next; lines show where values are mixed from, and the stream that passes.
{
  const { element, percent, signed } = orrery;
  const ROWS = [24, 21, 19, 17]; // px of a row: as tall as fits
  const ROOM = 256; // px for all rows
  const SHOWN = 6; // next tokens

  const HEADS = [
    ["tokens", "Tokens", "Tokens"], ["embedding", "Embedding", "Emb."], ["stream", "Stream", "Str."],
    ["norm", "", ""], ["qkv", "Query", "Query"], ["qkv", "Key", "Key"], ["scores mask", "Score", "Score"],
    ["softmax", "Weight", "Weight"], ["mixed", "Value", "Value"],
  ];

  orrery.wayColumns = (panel) => {
    const { facts } = panel, { labels, token } = facts;
    const list = panel.querySelector(".way-rows");
    const tall = ROWS.find((one) => one * labels.length <= ROOM) ?? ROWS.at(-1);
    list.style.setProperty("--row", `${tall}px`);
    list.style.setProperty("--count", labels.length);
    list.replaceChildren(...HEADS.map(([stop, title, short], i) => header(stop, title, short, i)), ...columns(panel));
    const around = element("div", "way-layer", "");
    list.append(around);
    panel.querySelector(".way-stack").replaceChildren(...stack(facts));
    for (const button of list.querySelectorAll(".way-token")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.token) === token));
    }
  };

  function header(stop, title, short, i) {
    const button = element("button", "way-head", element("span", "", title));
    button.type = "button";
    button.dataset.stop = stop;
    button.dataset.short = short;
    button.style.gridColumn = i + 1;
    // the short title stands alone on a phone, drawn by the sheet; the norm's along its column
    button.setAttribute("aria-label", title || "Norm");
    return button;
  }

  function columns(panel) {
    const { facts } = panel, { labels, token, own, head, heads } = facts;
    const none = new Float32Array(0);
    const query = orrery.rows(orrery.rows(own.queries, 2)[1], heads)[head - 1];
    const seen = (all) => all.map((one, i) => (i <= token ? one : none));
    const canvas = (rows, what) => orrery.strips(rows, labels.map((label) => `${what} of ${label}`), {
      label: `${what}: a strip a token`,
    });
    return [
      column(0, "tokens", labels.map((label, i) => name(panel, label, i))),
      column(1, "embedding", canvas(facts.embeddedRows, "Embedding")),
      column(2, "stream", canvas(facts.streamRows, "Stream")),
      column(3, "norm", element("i", "", "norm")),
      column(4, "qkv", canvas(labels.map((_, i) => (i === token ? query : none)), "Query")),
      column(5, "qkv", canvas(seen(facts.keys), "Key")),
      column(6, "scores mask", labels.map((_, i) => cell("score", i > token, i > token ? "\u2212\u221e" : signed(facts.row[i][0], 1)))),
      column(7, "softmax", labels.map((_, i) => weight(i > token ? 0 : facts.row[i][1], i > token))),
      column(8, "mixed", canvas(seen(facts.values), "Value")),
    ];
  }

  function column(i, stop, inside) {
    const made = element("div", `way-column c${i}`, ...[inside].flat());
    made.dataset.stop = stop;
    made.style.gridColumn = i + 1;
    return made;
  }

  function name(panel, label, i) {
    const button = element("button", "way-token", label);
    button.type = "button";
    button.dataset.token = i;
    button.title = `${label}, token ${i + 1}`;
    button.classList.toggle("later", i > panel.facts.token);
    button.tabIndex = i === panel.facts.token ? 0 : -1;
    button.addEventListener("click", () => orrery.wayAsk(panel, { token: i }));
    return button;
  }

  const cell = (kind, later, text) => element("span", later ? `${kind} later` : kind, text);

  function weight(share, later) {
    const made = cell("weight", later, later || share < 0.0005 ? "" : percent(share));
    made.style.setProperty("--share", `${(100 * share).toFixed(1)}%`);
    made.title = later ? "masked" : `${percent(share)}\u00a0%`;
    return made;
  }

  // The parts that the followed token alone goes through, from its mixed values on.
  function stack({ own, head, heads, strongest }) {
    const length = (row) => `length ${signed(orrery.lengthOf(row), 1)}`;
    const mixed = orrery.rows(own.mixed, heads)[head - 1];
    return [
      part("mixed", "Mixed", mixed, length(mixed)),
      part("output", "Output", own.attended, length(own.attended)),
      part("sum", "+ Sum", own.between, length(own.between)),
      part("again", "Norm", own.normed_again, length(own.normed_again)),
      part("neurons", "Neurons", own.neurons, `${strongest[0][0] + 1}: ${signed(strongest[0][1], 1)}`),
      part("sum2", "+ Sum", own.after, length(own.after)),
    ];
  }

  function part(stop, title, numbers, end) {
    const button = element("button", "way-part", element("b", "", title), element("span", "", end), orrery.strips([numbers], [title]));
    button.type = "button";
    button.dataset.stop = stop;
    return button;
  }

  orrery.wayNext = (panel) => {
    const { facts } = panel, { names, order, chances, kept, shares, growth, layers, layer, own, logits } = facts;
    const most = Math.max(...growth);
    const grown = growth.map((length, i) => {
      const bar = element("i", i === layer ? "here" : "");
      bar.style.height = `${Math.max(2, (100 * length) / most)}%`;
      bar.title = `${i ? `After layer ${i}` : "Embedding"}: length ${signed(length)}`;
      return bar;
    });
    const all = element("button", "way-part way-growth", element("b", "", "All layers"), element("span", "", `${signed(growth[0], 1)} \u2192 ${signed(growth[layers], 1)}`), element("span", "way-bars", ...grown));
    all.type = "button";
    all.dataset.stop = "layers";
    const bars = element("button", "way-choice", ...order.slice(0, SHOWN).map((one, i) => orrery.bar(
      names[i], [[i < kept ? shares[i] : chances[i], i < kept ? "kept" : "cut"]],
      { value: percent(i < kept ? shares[i] : 0), kind: i < kept ? (i === 0 ? "hit" : "") : "all-cut", tag: "span" }
    )), rest(facts));
    bars.type = "button";
    bars.dataset.stop = "choice";
    bars.setAttribute("aria-label", `What comes next: ${names[0]} ${percent(shares[0])} %`);
    const fresh = [all, part("logits", "Last norm", own.read, `${orrery.number.format(logits.length)} logits`), element("p", "way-next-title", "Next token, %"), bars];
    const place = panel.querySelector(".way-next");
    const had = place.contains(document.activeElement) ? document.activeElement.dataset.stop : null;
    place.replaceChildren(...fresh);
    for (const button of fresh) {
      if (!button.dataset.stop) continue;
      const open = button.dataset.stop === facts.stop;
      button.classList.toggle("open", open);
      button.setAttribute("aria-expanded", String(open));
      if (button.dataset.stop === had) button.focus();
    }
  };

  function rest({ kept, shares }) {
    const held = shares.slice(SHOWN).reduce((sum, one) => sum + one, 0);
    return orrery.bar("others", [[held, kept > SHOWN ? "kept" : "cut"]], { value: percent(held), kind: "rest", tag: "span" });
  }

  const NS = "http://www.w3.org/2000/svg";

  // Where the followed token's values are mixed from, and how the stream passes the layer by.
  orrery.wayLines = (panel) => {
    const map = panel.querySelector(".way-map"), svg = map?.querySelector(":scope > svg");
    if (!svg || !map.clientWidth || !panel.facts) return;
    const origin = map.getBoundingClientRect();
    const box = (selector) => {
      const found = map.querySelector(selector).getBoundingClientRect();
      return {
        left: found.left - origin.left, right: found.right - origin.left, top: found.top - origin.top,
        bottom: found.bottom - origin.top, tall: found.height, middle: found.top - origin.top + found.height / 2,
      };
    };
    svg.setAttribute("viewBox", `0 0 ${origin.width} ${origin.height}`);
    svg.replaceChildren(...fan(panel.facts, box), ...stream(panel.facts, box));
  };

  const path = (kind, d) => {
    const made = document.createElementNS(NS, "path");
    made.setAttribute("class", kind);
    made.setAttribute("d", d);
    return made;
  };

  // Between which heights rows are in sight: below their headings.
  const visible = (box) => ({ top: box(".way-head").bottom, bottom: box(".way-rows").bottom });
  const clamped = (y, { top, bottom }) => Math.max(top, Math.min(bottom, y));

  function fan({ row, token, labels }, box) {
    const values = box(".way-column.c8"), to = box(".way-stack [data-stop=mixed]"), seen = visible(box);
    const tall = values.tall / labels.length, x = values.right + 1, end = to.left - 2;
    return row.slice(0, token + 1).map(([, weight], i) => {
      const y = clamped(values.top + (i + 0.5) * tall, seen);
      const line = path("mixes", `M${x},${y} C${x + 24},${y} ${end - 24},${to.middle} ${end},${to.middle}`);
      line.style.strokeWidth = 0.6 + 7 * weight;
      line.style.strokeOpacity = 0.12 + 0.88 * weight;
      return line;
    });
  }

  function stream({ token, labels }, box) {
    const from = box(".way-column.c2"), seen = visible(box), tall = from.tall / labels.length;
    const y = clamped(from.top + (token + 0.5) * tall, seen), x = from.right + 4;
    const sums = ["sum", "sum2"].map((one) => box(`.way-stack [data-stop=${one}]`));
    const end = sums[0].left - 11;
    const into = ({ left, top }) => `M${end},${top + 11} L${left - 2},${top + 11} m-5,-4 l5,4 l-5,4`;
    const round = `M${from.right + 1},${y} L${x},${y} L${x},7 L${end},7 L${end},${sums[1].top + 11}`;
    const called = document.createElementNS(NS, "text");
    called.setAttribute("x", (x + end) / 2);
    called.setAttribute("y", 12);
    called.setAttribute("text-anchor", "middle");
    called.textContent = "the stream passes by";
    return [path("passes", round), called, ...sums.map((one) => path("passes", into(one)))];
  }
}
