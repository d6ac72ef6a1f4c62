// Lanes: pick a token, see what every strategy could choose from at that step.
{
  const { element, number, percent, bar, text } = orrery;
  let picked = 0;

  orrery.widget("lane", null, (lane) => ({
    strategy: text(lane, ".heading b"),
    prompt: text(lane, "em"),
    tokens: [...lane.querySelectorAll(".t")].map((token) => ({
      text: token.textContent, ...JSON.parse(token.dataset.step),
    })),
  }));

  orrery.widget("detail", (panel) => {
    const lanes = [...document.querySelectorAll(`#${panel.dataset.lanes} .lane`)];
    const longest = Math.max(0, ...lanes.map((lane) => lane.querySelectorAll(".t").length));
    if (!longest) return;
    const place = Math.min(picked, longest - 1);
    const tokens = lanes.map((lane) => lane.querySelector(`.t[data-place="${place}"]`));
    mark(lanes, tokens);
    const state = JSON.stringify([place, tokens.map((token) => token?.dataset.step)]);
    if (panel.state === state) return;
    panel.state = state;
    const columns = lanes.map((lane, i) =>
      drawStep(lane.querySelector(".heading b").textContent, tokens[i]?.dataset.step)
    );
    panel.replaceChildren(
      element("h2", "", `Step ${place + 1}: what each strategy could choose from`),
      element("div", "steps", ...columns)
    );
  });

  function mark(lanes, tokens) {
    lanes.forEach((lane, i) => {
      for (const old of lane.querySelectorAll(".t.sel")) {
        if (old === tokens[i]) continue;
        old.classList.remove("sel");
        old.removeAttribute("aria-selected");
      }
      const token = tokens[i];
      if (!token || token.classList.contains("sel")) return;
      token.classList.add("sel");
      token.setAttribute("aria-selected", "true");
      token.id = `lane-${i}-token-${token.dataset.place}`;
      token.parentElement.setAttribute("aria-activedescendant", token.id);
    });
  }

  function drawStep(title, data) {
    const column = element("div", "step", element("h3", "", title));
    if (!data) {
      column.append(element("p", "", "This lane has not come so far."));
      return column;
    }
    const step = JSON.parse(data);
    column.append(element("p", "", explain(title, step)));
    const [restKept, restCut] = step.rest;
    const widest = Math.max(...step.bars.map((one) => one[1]));
    for (const [label, share, kept, hit] of step.bars) {
      column.append(bar(label, kept ? [share, 0] : [0, share], widest, hit));
    }
    const others = `${number.format(step.vocabulary - step.bars.length)} others`;
    const rest = bar(others, [restKept, restCut], widest);
    rest.classList.add("rest");
    if (rest.querySelector(".torn")) rest.title += ", not to scale";
    column.append(rest);
    return column;
  }

  function explain(title, step) {
    const all = number.format(step.vocabulary);
    const [strategy, dial] = title.split(" ");
    if (strategy === "Beam") {
      return `Of ${dial} × ${all} continuations the search kept ${step.survivors} of this beam.`;
    }
    const share = `${number.format(step.survivors)} of ${all} tokens, ${percent(step.mass)} %`;
    if (strategy !== "Temperature" || dial === "1") return `${share} of the probability.`;
    return `${share} after temperature; the model itself gave ${percent(step.own)} % to the chosen.`;
  }

  function pick(token) {
    picked = Number(token.dataset.place);
    orrery.refresh();
    document.querySelector(".detail[data-lanes]")?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const token = orrery.at(event, ".t[data-step]");
    if (token) pick(token);
  });

  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const list = by && orrery.at(event, ".tokens");
    if (!list) return;
    const tokens = list.querySelectorAll(".t");
    if (!tokens.length) return;
    const from = Math.min(picked, tokens.length - 1);
    pick(tokens[Math.min(tokens.length - 1, Math.max(0, from + by))]);
    event.preventDefault();
  });
}
