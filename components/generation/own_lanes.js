// Lanes of one's own: the title of a lane opens its model, its chooser and its filters in their
// order. Every change is written into the text that the page and its links hold, and runs.
{
  const { element } = orrery;
  const CHOICES = [["sample", "by the dice"], ["greedy", "the most probable"], ["beam", "beam search"]];
  let open = -1; // the lane whose settings are shown
  let lanes = []; // as they were last asked for

  const box = () => document.querySelector("#generation-lanes-own textarea");
  const copy = (value) => JSON.parse(JSON.stringify(value));

  orrery.widget("own-lanes", (section, facts) => {
    lanes = copy(facts.lanes);
    if (open >= lanes.length) open = -1;
    section.facts = facts;
    draw(section);
  });

  // As if the text had been typed and Enter pressed.
  function ask(section, changed, shown = open) {
    const opens = shown >= 0 && shown !== open;
    lanes = changed;
    open = shown;
    draw(section);
    if (opens) uncover(section);
    orrery.type(box(), changed.length ? JSON.stringify(changed) : "");
    box().dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
  }

  function draw(section) {
    const { facts } = section;
    const focused = section.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    const add = button("Add a lane", "add", () => ask(section, [...lanes, copy(lanes.at(open))], lanes.length));
    add.disabled = lanes.length >= facts.count[1];
    const ends = [add];
    if (facts.chosen) ends.push(button("The five lanes again", "five", () => ask(section, [], -1)));
    section.closest(".block").style.order = open < 0 ? 99 : 2 * open + 3; // below its lane
    const shown = open < 0 ? element("div", "lane-ends") : settings(section, lanes[open]);
    (open < 0 ? shown : shown.lastElementChild).append(...ends);
    section.replaceChildren(shown);
    for (const title of document.querySelectorAll("#generation-lanes [data-lane]")) {
      title.setAttribute("aria-expanded", String(Number(title.dataset.lane) === open));
    }
    if (focused) section.querySelector(`[data-does="${focused}"]`)?.focus();
  }

  // Settings that have just been opened are in sight: no panel of a picked token stands on them.
  function uncover(section) {
    for (const docked of document.querySelectorAll(".below.docked")) docked.classList.remove("docked");
    section.querySelector(".lane-settings")?.scrollIntoView({ block: "nearest" });
  }

  function button(label, does, act) {
    const made = element("button", "", label);
    made.type = "button";
    made.dataset.does = does;
    made.addEventListener("click", act);
    return made;
  }

  function choice(label, does, options, value, act) {
    const select = element("select");
    select.dataset.does = does;
    for (const [title, name] of options) select.append(new Option(title, name, false, name === value));
    select.addEventListener("change", () => act(select.value));
    return element("label", "", `${label} `, select);
  }

  function figure(label, does, [low, high, step], value, act) {
    const input = element("input");
    Object.assign(input, { type: "number", min: low, max: high, step, value });
    input.dataset.does = does;
    input.addEventListener("change", () => {
      const asked = Number(input.value);
      if (input.value === "" || !Number.isFinite(asked)) return void (input.value = value);
      const within = Math.min(high, Math.max(low, asked));
      act(step === 1 ? Math.round(within) : within);
    });
    return element("label", "", `${label} `, input);
  }

  // Everything about one lane. A change makes a new list of lanes, in which it takes its place.
  function settings(section, lane) {
    const { models, beams, count } = section.facts;
    const at = open;
    const change = (changes) => ask(section, lanes.map((one, i) => (i === at ? { ...one, ...changes } : one)));
    const choose = (name) => {
      const { beams: _, filters, ...rest } = lane;
      const kinds = { beam: { beams: 4 }, sample: { filters: filters ?? [] }, greedy: { filters: filters ?? [] } };
      ask(section, lanes.map((one, i) => (i === at ? { ...rest, choice: name, ...kinds[name] } : one)));
    };
    const top = element(
      "div", "lane-row",
      element("b", "", `Lane ${at + 1}`),
      choice("Model", "model", models, lane.model, (model) => change({ model })),
      choice("Chosen", "choice", CHOICES.map(([name, title]) => [title, name]), lane.choice, choose)
    );
    if (lane.choice === "beam") {
      top.append(figure("Beams", "beams", [...beams, 1], lane.beams, (value) => change({ beams: value })));
    }
    const close = button("Close", "close", () => { show(section, -1); });
    const remove = button("Remove this lane", "remove", () => ask(section, lanes.filter((_, i) => i !== at), -1));
    remove.disabled = lanes.length <= count[0];
    const dice = element("input");
    Object.assign(dice, { type: "checkbox", checked: !lanes.some((one) => one.dice) });
    dice.dataset.does = "dice";
    dice.addEventListener("change", () => ask(section, lanes.map(({ dice: _, ...one }, i) =>
      dice.checked || !i ? one : { ...one, dice: i })));
    const filters = lane.choice === "beam" ? [] : [chain(section, lane.filters ?? [], (found) => change({ filters: found }))];
    const shown = element(
      "div", "lane-settings", top, ...filters,
      element("div", "lane-row", element("label", "", dice, " the same dice in all lanes"), close, remove)
    );
    shown.setAttribute("role", "group");
    shown.setAttribute("aria-label", `Settings of lane ${at + 1}`);
    return shown;
  }

  // The filters of a lane: each with its number, moved by buttons; and one to be added.
  function chain(section, filters, change) {
    const known = new Map(section.facts.filters.map(([name, ...facts]) => [name, facts]));
    const items = filters.map(([name, value], i) => {
      const [label, low, high, step] = known.get(name);
      const swapped = (to) => filters.map((one, j) => (j === i ? filters[to] : j === to ? filters[i] : one));
      const set = (number) => change(filters.map((one, j) => (j === i ? [name, number] : one)));
      const earlier = button("\u25c2", `earlier-${name}`, () => change(swapped(i - 1)));
      const later = button("\u25b8", `later-${name}`, () => change(swapped(i + 1)));
      const away = button("\u00d7", `away-${name}`, () => change(filters.filter((_, j) => j !== i)));
      earlier.disabled = i === 0;
      later.disabled = i === filters.length - 1;
      earlier.setAttribute("aria-label", `${label} earlier`);
      later.setAttribute("aria-label", `${label} later`);
      away.setAttribute("aria-label", `Without ${label}`);
      return element("li", "", earlier, figure(label, `value-${name}`, [low, high, step], value, set), later, away);
    });
    const free = section.facts.filters.filter(([name]) => !filters.some(([own]) => own === name));
    const more = choice("", "more", [["Add a filter", ""], ...free.map(([name, label]) => [label, name])], "",
      (name) => change([...filters, [name, known.get(name)[4]]]));
    more.querySelector("select").setAttribute("aria-label", "Add a filter");
    return element("div", "lane-row", element("span", "", "Filters, in this order"), element("ol", "", ...items), more);
  }

  function show(section, lane) {
    open = lane;
    draw(section);
    if (lane >= 0) uncover(section);
    if (lane >= 0) section.querySelector("select")?.focus();
  }

  document.addEventListener("click", (event) => {
    const title = orrery.at(event, "#generation-lanes [data-lane]");
    const section = title && document.querySelector("section.own-lanes");
    if (!section) return;
    const lane = Number(title.dataset.lane);
    show(section, lane === open ? -1 : lane);
  });
}
