// Lanes: pick a token, see what every strategy could choose from at that step.
{
  const { element, number, percent, bar, text } = orrery;
  let picked = Math.max(0, Math.floor(Number(orrery.query().get("step")) || 1) - 1);

  orrery.linked["generation-lanes"] = () => (picked ? { step: picked + 1 } : {});

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
    const steps = tokens.map((token) => token && JSON.parse(token.dataset.step));
    const widest = Math.max(...steps.flatMap((step) => step ? step.bars.map((one) => one[1]) : []));
    const columns = lanes.map((lane, i) => {
      const column = element("div", "step", element("h3", "", text(lane, ".heading b")));
      column.append(...(steps[i] ? drawStep(lane, steps[i], place, widest) : [element("p", "", "This lane has ended before.")]));
      return column;
    });
    const close = element("button", "close", "Close");
    close.type = "button";
    const before = lanes.filter((lane, i) => steps[i]).map((lane) => context(lane, place).whole);
    const apart = new Set(before).size > 1 ? "; the texts before it differ" : "";
    panel.replaceChildren(
      element("h2", "", `Step ${place + 1}: what each strategy could choose from${apart}`),
      close,
      element("div", "steps", ...columns)
    );
  });

  // What a lane had read before a step: all that it had written, and its last few tokens.
  function context(lane, place) {
    const own = [...lane.querySelectorAll(".t")].slice(0, place).map((token) => token.textContent);
    const words = text(lane, "em").split(/(?= )/);
    return { whole: own.join(""), last: [...words, ...own].slice(-4).join("") };
  }

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

  // The parts of a column; its bars share one scale with all the others.
  function drawStep(lane, step, place, widest) {
    const after = element("p", "before", `after \u2026${context(lane, place).last}`);
    const parts = [after, element("p", "", explain(lane.dataset, step))];
    const [restKept, restCut] = step.rest;
    for (const [label, share, kept, hit] of step.bars) {
      const said = `${label}: ${percent(share)} %${kept ? "" : ", cut off"}${hit ? ", chosen" : ""}`;
      const kind = hit ? "hit" : kept ? "" : "all-cut";
      parts.push(titled(bar(label, [[share, kept ? "kept" : "cut"]], { widest, kind }), said));
    }
    const others = `${number.format(step.vocabulary - step.bars.length)} others`;
    const rest = bar(others, [[restKept, "kept"], [restCut, "cut"]], { widest, kind: "rest" });
    const torn = rest.querySelector(".torn") ? ", not to scale" : "";
    return [...parts, titled(rest, `${others}: ${percent(restKept + restCut)} %${torn}`)];
  }

  function titled(part, title) {
    part.title = title;
    return part;
  }

  function explain({ beams, temperature }, step) {
    const all = number.format(step.vocabulary);
    if (beams) {
      return `The search kept ${step.survivors} of this beam's ${all}.`;
    }
    const share = `${number.format(step.survivors)} of ${all} tokens, ${percent(step.mass)} %`;
    if (temperature === "1") return `${share} of the probability.`;
    return `${share}; chosen: ${percent(step.own)} % without.`;
  }

  // The panel stands at the bottom of the window; the page moves only if it would hide the token.
  function pick(token) {
    const panel = [...document.querySelectorAll(".detail[data-lanes]")]
      .find((one) => token.closest(`#${one.dataset.lanes}`));
    if (!panel) return;
    picked = Number(token.dataset.place);
    panel.closest(".below").classList.add("docked");
    orrery.refresh();
    const hidden = token.getBoundingClientRect().bottom + 8 - panel.closest(".below").getBoundingClientRect().top;
    if (hidden > 0) window.scrollBy(0, hidden);
  }

  function close() {
    for (const docked of document.querySelectorAll(".below.docked")) docked.classList.remove("docked");
  }

  document.addEventListener("click", (event) => {
    const token = orrery.at(event, ".t[data-step]");
    if (token) pick(token);
    if (orrery.at(event, ".detail .close")) close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's
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
