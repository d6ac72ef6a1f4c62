// Roles: the best head of each, all its scores beside the untrained twin's, and the head's map.
{
  const { element, bar, percent } = orrery;
  const WAYS = [["text", "As it is"], ["rest", "Without the first token"], ["length", "Times length of values"]];
  let role = orrery.query().get("role"); // the one in sight, also of the next text

  orrery.linked["attention-roles"] = () => (role ? { role } : {});

  orrery.widget("roles", (panel, value) => {
    panel.facts = value;
    panel.way = "text";
    panel.maps = Object.fromEntries(
      Object.entries(value.maps).map(([name, packed]) => [name, orrery.shares(packed)])
    );
    panel.map = orrery.oneMap();
    const ways = WAYS.filter(([name]) => panel.maps[name]).map(([name, title]) => {
      const button = element("button", "", title);
      button.type = "button";
      button.dataset.way = name;
      return button;
    });
    panel.replaceChildren(
      element("div", "role-list", ...value.roles.map((one) => chooser(one))),
      element("div", "role-scores"),
      element(
        "div", "role-map", element("h2", ""), element("div", "role-ways", ...ways), panel.map,
        element("p", "role-legend", element("i", "role-cell"), " where this role looks. ", element("a", "", "Open in Heads"))
      )
    );
    const opened = value.roles.find(({ key }) => key === role) ?? opening(value);
    open(panel, opened, orrery.chosenHead({ ...value, open: opened.best }));
  });

  const highest = ({ trained, best: [layer, head] }) => trained[layer][head];
  const opening = ({ roles }) => roles.find(({ key }) => key === "induction") ?? roles[0];
  const named = (layer, head) => `layer ${layer + 1}, head ${head + 1}`;

  // One role: its best head as a bar, and a line where the best of the untrained twin is.
  function chooser(one) {
    const [layer, head] = one.best;
    const row = bar(one.title, [[highest(one), "kept"]], { value: `${percent(highest(one))}\u00a0%`, remark: `${layer + 1}.${head + 1}` });
    const chance = one.untrained ? Math.max(...one.untrained.flat()) : one.even;
    const line = element("i", "chance");
    line.style.left = `${100 * chance}%`;
    row.querySelector(".track").append(line);
    const button = element("button", "role", row);
    button.type = "button";
    button.dataset.role = one.key;
    button.setAttribute("aria-label", `${one.title}: best is ${named(layer, head)} with ${percent(highest(one))} %`);
    return button;
  }

  function open(panel, one, head) {
    role = one.key;
    panel.open = one;
    for (const button of panel.querySelectorAll("[data-role]")) {
      button.setAttribute("aria-pressed", String(button.dataset.role === role));
    }
    const title = element("h2", "", one.title);
    const said = element("p", "", `${one.score} `, element("span", "source", `${one.source}.`));
    const grids = element("div", "role-grids", grid(panel, "This model", one.trained, true));
    if (one.untrained) grids.append(grid(panel, "Untrained twin", one.untrained, false));
    const even = element("p", "role-even");
    panel.querySelector(".role-scores").replaceChildren(title, said, grids, even);
    show(panel, ...head);
  }

  function grid(panel, title, scores, chosen) {
    const { layers, heads } = panel.facts;
    const fill = (part, layer, head) => {
      part.textContent = Math.round(100 * scores[layer][head]);
      part.style.setProperty("--share", `${100 * scores[layer][head]}%`);
      part.setAttribute("aria-label", `${title}, ${named(layer, head)}: ${percent(scores[layer][head])} %`);
    };
    const made = chosen ? orrery.headGrid("role-grid", { layers, heads }, fill) : element("div", "role-grid");
    if (!chosen) {
      made.style.setProperty("--heads", heads);
      scores.forEach((row, layer) => row.forEach((_, head) => {
        const cell = element("span", "role-twin");
        cell.setAttribute("role", "img");
        fill(cell, layer, head);
        made.append(cell);
      }));
    }
    return element("div", "", element("h3", "", `${title}, %`), made);
  }

  function show(panel, layer, head) {
    if (!panel.facts || !orrery.hasHead(panel.facts, layer, head)) return;
    const { facts, open: one, map } = panel;
    panel.chosen = [layer, head];
    orrery.pressHead(panel, layer, head);
    panel.querySelector(".role-map h2").textContent = `Layer ${layer + 1}, head ${head + 1}`;
    panel.querySelector(".role-even").textContent = sentence(facts, one, layer, head);
    const random = one.key === "induction";
    const labels = random ? facts.labels.random : facts.labels.text;
    const shares = panel.maps[random ? "random" : panel.way];
    const start = (layer * facts.heads + head) * labels.length ** 2;
    panel.querySelector(".role-ways").hidden = random;
    for (const button of panel.querySelectorAll("[data-way]")) {
      button.setAttribute("aria-pressed", String(button.dataset.way === panel.way));
    }
    orrery.redrawMap(map, {
      name: `Layer ${layer + 1}, head ${head + 1}`,
      labels,
      share: (query, key) => shares[start + query * labels.length + key] / 255,
      cells: one.cells,
      row: labels.length - 1,
    });
    panel.querySelector(".role-legend a").href =
      orrery.addressOf("attention-heads", { text: facts.text, model: facts.model, head: `${layer + 1}.${head + 1}` });
  }

  function sentence({ byLength }, one, layer, head) {
    const own = `Layer ${layer + 1}, head ${head + 1}: ${percent(one.trained[layer][head])}\u00a0%`;
    const even = `an even spread: ${percent(one.even)}\u00a0%`;
    const twin = one.untrained ? `best of the untrained twin: ${percent(Math.max(...one.untrained.flat()))}\u00a0%` : "the untrained twin would be too large to make";
    const counted = one.key === "first" && byLength
      ? ` Counted by the length of what is mixed in (Kobayashi et al. 2020, arXiv 2004.10102): ${percent(byLength[layer][head])}\u00a0%.` : "";
    return `${own}; ${twin}; ${even}.${counted}`;
  }

  orrery.onHead((layer, head) => {
    for (const panel of document.querySelectorAll(".roles")) show(panel, layer, head);
  });

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".roles [data-role], .roles [data-way]");
    if (!button) return;
    const panel = button.closest(".roles");
    if (button.dataset.way) {
      panel.way = button.dataset.way;
      show(panel, ...panel.chosen);
      return;
    }
    const one = panel.facts.roles.find(({ key }) => key === button.dataset.role);
    open(panel, one, one.best);
    panel.querySelector(`[data-head="${one.best}"]`).click(); // the other views follow
  });
}
