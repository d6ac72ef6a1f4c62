// Growing up: one head's map at every age of its model; the slider asks nothing of the server.
{
  const { element, number, percent } = orrery;
  const TEXTS = [["random", "Random tokens, twice"], ["text", "Your text"]];
  const PACE = 900; // ms from age to age

  orrery.widget("growing", (panel, value) => {
    clearInterval(panel.playing);
    panel.facts = value;
    panel.on = value.opened;
    panel.drawn = undefined;
    panel.shares = Object.fromEntries(
      Object.entries(value.maps).map(([name, packed]) => [name, orrery.shares(packed)])
    );
    panel.map = orrery.oneMap();
    const range = element("input", "");
    Object.assign(range, { type: "range", min: 0, max: value.steps.length - 1, step: 1 });
    range.value = value.steps.length - 1;
    range.setAttribute("aria-label", "Age");
    const play = element("button", "growing-play", "Play");
    play.type = "button";
    const ways = TEXTS.map(([name, title]) => {
      const button = element("button", "", title);
      button.type = "button";
      button.dataset.on = name;
      return button;
    });
    panel.replaceChildren(
      element("div", "growing-head", element("h2", "", value.name), element("div", "role-ways", ...ways)),
      element("div", "growing-ages", play, range, element("output", "")),
      panel.map,
      element("p", "role-legend growing-said")
    );
    show(panel);
  });

  // A link to this view carries the head that it shows, and not the one chosen in another view.
  orrery.linked["attention-growing"] = () => {
    const shown = document.querySelector("#attention-growing-view .growing")?.facts;
    return shown ? { head: shown.head } : {};
  };

  const rangeOf = (panel) => panel.querySelector("input[type=range]");

  function show(panel) {
    const { facts, shares, on, map } = panel;
    const age = Number(rangeOf(panel).value);
    const labels = facts.labels[on];
    const start = age * labels.length ** 2;
    const half = labels.length / 2;
    const said = `after ${number.format(facts.steps[age])} steps`;
    panel.querySelector("output").textContent = said;
    rangeOf(panel).setAttribute("aria-valuetext", said);
    for (const button of panel.querySelectorAll("[data-on]")) {
      button.setAttribute("aria-pressed", String(button.dataset.on === on));
    }
    orrery.redrawMap(map, {
      name: `${facts.name}, ${said}`,
      labels,
      share: (query, key) => shares[on][start + query * labels.length + key] / 255,
      cells: on === "random" ? labels.slice(half).map((_, i) => [half + i, i + 1]) : [],
      ...(panel.drawn === on ? {} : { row: labels.length - 1 }),
    });
    panel.drawn = on;
    mark(age);
    panel.querySelector(".growing-said").replaceChildren(
      ...(on === "random" ? [element("i", "role-cell"), " where induction looks: "] : ["Induction: "]),
      `${percent(facts.induction[age])}\u00a0% of its attention, over 16 random texts.`
    );
  }

  // A line through the figure at the age whose map is shown.
  function mark(age) {
    const plot = document.querySelector("#attention-growing-view .js-plotly-plot .svg-container");
    const point = plot?.querySelectorAll(".scatterlayer .trace:first-child .point")[age];
    if (!point) return;
    const frames = [...plot.querySelectorAll(".xgrid")].map((one) => one.getBoundingClientRect());
    const around = plot.getBoundingClientRect(), { left, width } = point.getBoundingClientRect();
    const top = Math.min(...frames.map((one) => one.top));
    const line = plot.querySelector(".growing-mark") ?? plot.appendChild(element("i", "growing-mark"));
    Object.assign(line.style, {
      left: `${left + width / 2 - around.left}px`,
      top: `${top - around.top}px`,
      height: `${Math.max(...frames.map((one) => one.bottom)) - top}px`,
    });
  }

  function stop(panel) {
    clearInterval(panel.playing);
    panel.playing = undefined;
    panel.querySelector(".growing-play").textContent = "Play";
  }

  function play(panel) {
    const range = rangeOf(panel);
    range.value = 0;
    show(panel);
    panel.querySelector(".growing-play").textContent = "Pause";
    panel.playing = setInterval(() => {
      range.value = Number(range.value) + 1;
      show(panel);
      if (range.value === range.max || !panel.isConnected) stop(panel);
    }, PACE);
  }

  document.addEventListener("input", (event) => {
    const range = orrery.at(event, ".growing input[type=range]");
    if (!range) return;
    stop(range.closest(".growing"));
    show(range.closest(".growing"));
  });

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".growing button");
    if (!button) return;
    const panel = button.closest(".growing");
    if (button.dataset.on) {
      panel.on = button.dataset.on;
      show(panel);
    } else if (panel.playing) {
      stop(panel);
    } else {
      play(panel);
    }
  });

  orrery.onPlot("attention-growing", "plotly_afterplot", () => {
    const panel = document.querySelector("#attention-growing-view .growing");
    if (panel?.facts) mark(Number(rangeOf(panel).value));
  });

  // A click on an age of the figure opens its map.
  orrery.onPlot("attention-growing", "plotly_click", ({ points: [{ pointIndex }] }) => {
    const panel = document.querySelector("#attention-growing-view .growing");
    if (!panel?.facts) return;
    stop(panel);
    rangeOf(panel).value = pointIndex;
    show(panel);
  });
}
