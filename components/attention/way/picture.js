// A token's way: the whole of it from text to next token, and one part of it opened below.
{
  const { element, percent, signed, rows } = orrery;
  const given = orrery.query(), asked = (name, otherwise) => Number(given.get(name) ?? otherwise) || 0;
  // What somebody has chosen stays when the model answers again, and links carry it.
  const chosen = {
    stop: given.get("stop") ?? "softmax", key: null, temperature: asked("temperature", 1), k: asked("k", 0),
    p: asked("p", 1), drawn: asked("drawn", 0.5),
  };
  const OTHERWISE = { stop: "softmax", temperature: 1, k: 0, p: 1, drawn: 0.5 };
  const VIEW = "attention-journey";
  let held = null; // what a keyboard stood on when it asked for the next picture

  orrery.linked[VIEW] = () => Object.fromEntries(
    Object.entries(OTHERWISE).filter(([name, value]) => chosen[name] !== value).map(([name]) => [name, chosen[name]])
  );

  orrery.widget("way", (panel, value) => {
    panel.facts = unpacked(value);
    chosen.key = null;
    panel.replaceChildren(bar(panel), element("p", "way-said", ""), map(panel), element("div", "way-open", ""));
    panel.querySelector(".way-said").setAttribute("aria-live", "polite");
    panel.watcher ??= new ResizeObserver(() => orrery.wayLines(panel));
    panel.watcher.observe(panel);
    panel.querySelector(".way-rows").addEventListener("scroll", () => orrery.wayLines(panel), { passive: true });
    look(panel, value.head);
    show(panel);
    const own = panel.querySelector(".way-token[aria-pressed=true]"), list = panel.querySelector(".way-rows");
    if (held && (!document.activeElement || document.activeElement === document.body)) {
      panel.querySelector(held)?.focus({ preventScroll: true });
    }
    held = null;
    if (own.offsetTop + own.offsetHeight > list.clientHeight) list.scrollTop = own.offsetTop - list.clientHeight / 2;
  });

  function unpacked(value) {
    const { layers, heads, labels, own, headWidth = value.width / heads } = value;
    const numbers = Object.fromEntries(Object.entries(own).map(([name, one]) => [name, orrery.numbers(one)]));
    const perHead = (packed) => rows(orrery.numbers(packed), heads).map((one) => rows(one, labels.length));
    return {
      ...value, headWidth, own: numbers,
      embeddedRows: rows(orrery.numbers(value.embeddedRows), labels.length),
      streamRows: rows(orrery.numbers(value.streamRows), labels.length),
      allKeys: perHead(value.keys), allValues: perHead(value.values), allScores: perHead(value.scores),
      allRows: value.row, logits: orrery.numbers(value.logits), order: orrery.byLogit(orrery.numbers(value.logits)), layers,
    };
  }

  // Look at one head: everything of it is here already.
  function look(panel, head) {
    const facts = panel.facts;
    Object.assign(facts, {
      head, keys: facts.allKeys[head - 1], values: facts.allValues[head - 1], scores: facts.allScores[head - 1],
      row: facts.allRows[head - 1],
    });
    facts.best = facts.row.reduce((best, [, weight], i) => (weight > facts.row[best][1] ? i : best), 0);
    orrery.wayColumns(panel);
  }

  // All that depends on what is chosen.
  function show(panel) {
    const { facts } = panel, stops = orrery.wayStops;
    const at = Math.max(0, stops.findIndex(({ name }) => name === chosen.stop));
    Object.assign(facts, chosen, { key: chosen.key ?? facts.best, stop: stops[at].name });
    Object.assign(facts, orrery.choosable(facts.logits, facts.order, facts));
    panel.querySelector(".way-said").replaceChildren(element("b", "", `${stops[at].title}. `), ...stops[at].said(facts));
    panel.querySelector(".way-place").textContent = `${at + 1} of ${stops.length}`;
    panel.querySelector(".way-back").disabled = at === 0;
    panel.querySelector(".step-on").disabled = at === stops.length - 1;
    for (const part of panel.querySelectorAll("[data-stop]")) {
      const open = part.dataset.stop.split(" ").includes(facts.stop);
      part.classList.toggle("open", open);
      if (part.matches("button")) part.setAttribute("aria-expanded", String(open));
    }
    for (const button of panel.querySelectorAll("[data-head-of-way]")) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.headOfWay) === facts.head));
    }
    orrery.wayNext(panel);
    panel.querySelector(".way-open").replaceChildren(...orrery.wayPart(panel));
    orrery.wayLines(panel);
  }

  function bar(panel) {
    const { layers, heads, layer } = panel.facts;
    const dial = (name, count, act, mark) => {
      const group = element("div", "way-dial", element("span", "", name), ...Array.from({ length: count }, (_, i) => {
        const button = element("button", "", String(i + 1));
        button.type = "button";
        button.setAttribute("aria-label", `${name} ${i + 1}`);
        mark(button, i + 1);
        button.addEventListener("click", () => act(i + 1));
        return button;
      }));
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", name);
      return group;
    };
    const move = (name, kind, by) => {
      const button = element("button", kind, name);
      button.type = "button";
      button.addEventListener("click", () => orrery.wayStep(panel, by));
      return button;
    };
    return element(
      "div", "way-bar",
      dial("Layer", layers, (to) => ask(panel, { layer: to }), (button, i) => button.setAttribute("aria-pressed", String(i === layer))),
      dial("Head", heads, (to) => turn(panel, to), (button, i) => { button.dataset.headOfWay = i; }),
      element("span", "way-moves", move("From the start", "way-start", -99), move("Back", "way-back", -1), move("Step", "step-on", 1), element("span", "way-place", ""))
    );
  }

  function map(panel) {
    const made = element("div", "way-map", element("div", "way-rows"), element("div", "way-stack"), element("div", "way-next"));
    made.append(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    return made;
  }

  // The head is part of the question, so that links and Download have it, but needs no answer.
  function turn(panel, head) {
    look(panel, head);
    chosen.key = null;
    const box = document.querySelector(`#${VIEW}-place :is(textarea, input)`);
    if (box) orrery.type(box, place(panel.facts));
    show(panel);
  }

  const place = ({ layer, head, token, labels }) =>
    `${layer}.${head}${token === labels.length - 1 ? "" : ` ${token + 1}`}`;

  // Another layer or token of the same sentence, or another sentence.
  function ask({ facts }, { text, ...other }) {
    const inputs = { place: place({ ...facts, ...other }) };
    const map = document.activeElement?.matches("canvas.way-matrix");
    held = other.layer ? `[aria-label="Layer ${other.layer}"]` : map ? "canvas.way-matrix" : ".way-token[aria-pressed=true]";
    orrery.ask(VIEW, text === undefined ? inputs : { text, ...inputs });
  }

  orrery.wayAsk = ask;

  orrery.wayChoose = (panel, what) => {
    Object.assign(chosen, what);
    show(panel);
    orrery.refresh(); // links carry it
  };

  orrery.wayStep = (panel, by) => {
    const stops = orrery.wayStops, now = stops.findIndex(({ name }) => name === panel.facts.stop);
    orrery.wayChoose(panel, { stop: stops[Math.max(0, Math.min(stops.length - 1, now + by))].name });
  };

  document.addEventListener("click", (event) => {
    const part = orrery.at(event, ".way-map [data-stop]");
    if (!part || orrery.at(event, ".way-token")) return;
    const names = part.dataset.stop.split(" ");
    const panel = part.closest(".way");
    const next = names[(names.indexOf(panel.facts.stop) + 1) % names.length];
    orrery.wayChoose(panel, { stop: next });
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const token = orrery.at(event, ".way-token"), panel = orrery.at(event, ".way");
    const down = { ArrowUp: -1, ArrowDown: 1 }[event.key], on = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (token && down) {
      const all = [...panel.querySelectorAll(".way-token")], next = all[all.indexOf(token) + down];
      next?.focus();
      event.preventDefault();
    } else if (panel && on && !orrery.at(event, "input, canvas[tabindex]")) {
      orrery.wayStep(panel, on);
      event.preventDefault();
      event.stopPropagation();
    }
  });
}
