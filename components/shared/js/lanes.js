// Lanes: pick a token, see what every strategy could choose from at that step; or let all lanes go
// token by token together, which hides what comes later.
{
  const { element, number, percent, bar, text } = orrery;
  let picked = Math.max(0, Math.floor(Number(orrery.query().get("step")) || 1) - 1);
  let held = orrery.query().get("lockstep") === "1"; // nothing after the picked step is shown
  let written = 0; // steps of the longest lane when it was last looked at

  orrery.linked["generation-lanes"] = () => {
    const { place } = standing();
    return { ...(place > 0 || held ? { step: place + 1 } : {}), ...(held ? { lockstep: 1 } : {}) };
  };

  // All lanes, how many steps the longest has, and the picked one of them.
  function standing() {
    const lanes = [...document.querySelectorAll("#generation-lanes .lane")];
    const longest = Math.max(0, ...lanes.map((lane) => lane.getElementsByClassName("t").length));
    return { lanes, longest, place: Math.max(0, Math.min(picked, longest - 1)) };
  }

  orrery.widget("lockstep", (steering) => {
    const { lanes, longest, place } = standing();
    if (longest < written) held = false; // they are written anew, and are seen to be
    written = longest;
    for (const lane of lanes) {
      if (!held && !lane.classList.contains("held")) continue; // as it is while it is written
      lane.classList.toggle("held", held);
      for (const token of lane.querySelectorAll(".t")) {
        token.classList.toggle("later", held && Number(token.dataset.place) > place);
      }
    }
    if (!steering.firstChild) steering.append(...controls());
    const [back, step, slider, said, all] = steering.children;
    back.disabled = !longest || (held && !place);
    step.disabled = !longest || (held && place === longest - 1);
    all.disabled = !held;
    slider.disabled = !longest;
    slider.max = Math.max(1, longest);
    slider.value = held ? place + 1 : longest;
    const words = held ? `${place + 1} of ${longest}` : longest ? `all ${longest}` : "";
    if (said.textContent !== words) said.textContent = words;
  });

  function controls() {
    const button = (label, title, act, kind = "") => {
      const made = element("button", kind, label);
      Object.assign(made, { type: "button", title });
      made.addEventListener("click", act);
      return made;
    };
    const slider = element("input");
    Object.assign(slider, { type: "range", min: 1 });
    slider.setAttribute("aria-label", "Tokens of every lane that are shown");
    slider.addEventListener("input", () => hold(Number(slider.value) - 1));
    return [
      button("Back", "All lanes one token back", () => hold(standing().place - 1)),
      // Where all is shown, it begins at the token that is picked: the first, unless somebody chose.
      button("Step", "All lanes one token on", () => hold(standing().place + (held ? 1 : 0)), "lockstep-on"),
      slider,
      element("span"),
      button("Show all", "All tokens that were written", () => { held = false; orrery.refresh(); }),
    ];
  }

  // Let all lanes end at this step, and show what each could choose from there.
  function hold(place) {
    const { longest } = standing();
    picked = Math.max(0, Math.min(place, longest - 1));
    held = longest > 0;
    const panel = document.querySelector(".detail[data-lanes]")?.closest(".below");
    if (!panel) return;
    panel.classList.add("docked");
    orrery.refresh();
    const ends = [...document.querySelectorAll("#generation-lanes .t.sel")]
      .map((token) => token.getBoundingClientRect().bottom + 8);
    const first = document.querySelector("#generation-lanes .lane").getBoundingClientRect().top;
    const hidden = Math.max(...ends) - panel.getBoundingClientRect().top;
    const steering = document.querySelector(".lockstep").parentElement.getBoundingClientRect().height;
    if (hidden > 0) window.scrollBy(0, Math.max(0, Math.min(hidden, first - steering - 8)));
  }

  orrery.widget("detail", (panel) => {
    const { lanes, longest, place } = standing();
    if (!longest) return;
    const tokens = lanes.map((lane) => lane.querySelector(`.t[data-place="${place}"]`));
    mark(lanes, tokens);
    const state = JSON.stringify([place, tokens.map((token) => token?.dataset.step)]);
    if (panel.state === state) return;
    panel.state = state;
    const steps = tokens.map((token) => token && JSON.parse(token.dataset.step));
    const widest = Math.max(...steps.flatMap((step) => step ? step.bars.map((one) => one[1]) : []));
    const columns = lanes.map((lane, i) => {
      const column = element("div", "step", element("h3", "", text(lane, ".heading b")));
      const model = text(lane, ".heading small");
      if (model) column.firstChild.append(element("small", "", ` ${model}`));
      column.append(...(steps[i] ? drawStep(lane, steps[i], place, widest) : [element("p", "", "This lane has ended before.")]));
      return column;
    });
    const close = element("button", "close", "Close");
    close.type = "button";
    const before = lanes.filter((lane, i) => steps[i]).map((lane) => context(lane, place).whole);
    const apart = new Set(before).size > 1 ? "; the texts before it differ" : "";
    const list = element("div", "steps", ...columns);
    list.style.setProperty("--lanes", lanes.length);
    list.classList.toggle("many", lanes.length > 5);
    panel.replaceChildren(
      element("h2", "", `Step ${place + 1}: what each strategy could choose from${apart}`), close, list
    );
  });

  // What a lane had read before a step: all that it had written, and the end of that.
  function context(lane, place) {
    const own = [...lane.querySelectorAll(".t")].slice(0, place).map((token) => token.textContent);
    const read = text(lane, "em") + own.join("");
    const last = read.slice(-13).replace(/^\S+(?=\s\S)/, ""); // whole words, where one fits
    return { whole: own.join(""), last };
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
    const after = element("p", "before", element("span", "", "after "), `\u2026${context(lane, place).last}`);
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

  function explain({ beams, reshaped }, step) {
    const all = number.format(step.vocabulary);
    if (beams) {
      return `The search kept ${step.survivors} of this beam's ${all}.`;
    }
    const share = `${number.format(step.survivors)} of ${all} tokens, ${percent(step.mass)}\u00a0%`;
    if (!reshaped) return `${share} of the probability.`;
    return `${share}; chosen: ${percent(step.own)}\u00a0% without.`;
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
