// Attention by hand: four tokens, four numbers each, every number editable, stepped from scores to values.
{
  const { element } = orrery;
  const STEPS = ["Scores", "Divided by \u221a4 = 2", "Masked", "Softmax", "Values mixed"];
  const SAID = [
    "Every query times every key: the products of their four numbers, added up.",
    "Divided by the root of how many numbers a key has, so that scores do not grow with it.",
    "A token may not read what follows it: those scores become minus infinity.",
    "Every row becomes positive and sums to 1.",
    "Every row mixes the four values by its weights.",
  ];

  orrery.widget("by-hand", (panel, value) => {
    panel.facts ??= structuredClone(value); // what somebody has changed stays
    panel.step ??= STEPS.length - 1;
    const button = (name, act) => {
      const made = element("button", "", name);
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    };
    const go = (to) => { panel.step = Math.max(0, Math.min(STEPS.length - 1, to)); show(panel); };
    panel.replaceChildren(
      element("h2", "", "The same by hand: four tokens, four numbers"),
      element(
        "div", "by-hand-buttons", button("From the start", () => go(0)), button("Back", () => go(panel.step - 1)),
        button("Step", () => go(panel.step + 1)), tick(panel, "root", "divide by \u221a4"), tick(panel, "mask", "mask")
      ),
      element("p", "by-hand-said", ""),
      element("div", "by-hand-given", ...["query", "key", "value"].map((name) => given(panel, name))),
      element("div", "by-hand-found", "")
    );
    show(panel);
  });

  function tick(panel, name, said) {
    const box = element("input", "");
    box.type = "checkbox";
    box.checked = panel[name] ??= true;
    box.addEventListener("change", () => { panel[name] = box.checked; show(panel); });
    return element("label", "", box, said);
  }

  const NAMES = { query: "Queries", key: "Keys", value: "Values" };

  function given(panel, name) {
    const { labels } = panel.facts;
    const lines = panel.facts[name].map((numbers, i) => element("tr", "", head(labels[i]), ...numbers.map((number, j) => {
      const box = element("input", "");
      box.type = "number";
      box.step = "any";
      box.value = number;
      box.setAttribute("aria-label", `${NAMES[name]}, ${labels[i]}, number ${j + 1}`);
      box.addEventListener("input", () => {
        const typed = box.valueAsNumber;
        box.setAttribute("aria-invalid", String(!Number.isFinite(typed)));
        if (!Number.isFinite(typed)) return;
        panel.facts[name][i][j] = Math.max(-100, Math.min(100, typed));
        show(panel);
      });
      return element("td", "", box);
    })));
    return element("table", "", element("caption", "", NAMES[name]), element("tbody", "", ...lines));
  }

  function head(label) {
    const made = element("th", "", element("code", "", label));
    made.scope = "row";
    return made;
  }

  const dot = (a, b) => a.reduce((sum, one, i) => sum + one * b[i], 0);
  const softmax = (row) => {
    const most = Math.max(...row), raised = row.map((score) => Math.exp(score - most));
    const whole = raised.reduce((sum, one) => sum + one, 0);
    return raised.map((one) => one / whole);
  };

  // All five stages, each (4, 4).
  function stages({ facts: { query, key, value }, root, mask }) {
    const scores = query.map((q) => key.map((k) => dot(q, k)));
    const divided = scores.map((row) => row.map((score) => (root ? score / 2 : score)));
    const masked = divided.map((row, i) => row.map((score, j) => (mask && j > i ? -Infinity : score)));
    const weights = masked.map(softmax);
    const mixed = weights.map((row) => value[0].map((_, d) => dot(row, value.map((one) => one[d]))));
    return [scores, divided, masked, weights, mixed];
  }

  const written = (number) => (number === -Infinity ? "\u2212\u221e" : String(Number(number.toFixed(2))).replace("-", "\u2212"));

  function show(panel) {
    const { labels } = panel.facts;
    const all = stages(panel);
    panel.querySelector(".by-hand-said").textContent = `${panel.step + 1} of ${STEPS.length}. ${SAID[panel.step]}`;
    panel.querySelector(".by-hand-found").replaceChildren(...STEPS.slice(0, panel.step + 1).map((name, step) => {
      const off = (step === 1 && !panel.root) || (step === 2 && !panel.mask);
      const lines = all[step].map((row, i) => element("tr", "", ...(step ? [] : [head(labels[i])]), ...row.map((number) => {
        const cell = element("td", "", written(number));
        if (step === 3) cell.style.setProperty("--share", `${Math.round(100 * number)}%`);
        return cell;
      })));
      return element("table", step === 3 ? "weights" : "", element("caption", "", off ? `${name}: left out` : name), element("tbody", "", ...lines));
    }));
  }
}
