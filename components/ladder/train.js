// The bench: the curves, figures and samples of trainings as they go on. Up to four finished ones stay
// for comparison; they are kept by the page alone.
{
  const { element, number } = orrery;
  const SVG = "http://www.w3.org/2000/svg";
  const COLOURS = ["#4d78d0", "#b43c00", "#870fff", "#d27887"]; // of the series of all figures
  const MOST = 4;
  let last = null; // the newest value
  let earlier = []; // finished trainings of values before it

  const shape = (tag, attributes, ...children) => {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const say = (attributes, text) => shape("text", attributes, document.createTextNode(text));
  const inked = (colour) => `color-mix(in srgb, ${colour} 55%, var(--orrery-ink))`; // for text
  const whole = (value) => number.format(value);

  function bits(value) {
    if (value === null || value === undefined) return "no number";
    return value < 1000 ? value.toFixed(2) : "over 1,000";
  }

  orrery.widget("bench", (panel, value) => {
    if (last && last.id !== value.id) {
      earlier = [...earlier, ...last.runs.filter((run) => run.points.length)];
    }
    last = value;
    orrery.benchUse?.heard(value);
    earlier = earlier.slice(-Math.max(0, MOST - value.runs.length)).slice(0, MOST);
    if (value.runs.length >= MOST) earlier = [];
    draw(panel);
  });

  window.addEventListener("resize", () => last && orrery.drawBench());

  orrery.drawBench = () => document.querySelectorAll(".bench").forEach(draw);

  document.addEventListener("click", (event) => {
    if (!orrery.at(event, ".bench .forget")) return;
    earlier = [];
    orrery.drawBench();
  });

  function draw(panel) {
    const { question, answer, runs } = last;
    const now = [...runs].reverse().find((run) => run.points.length) ?? runs[0];
    const all = [
      ...earlier.map((run) => ({ ...run, colour: "var(--orrery-muted)", ink: "var(--orrery-muted)", old: true })),
      ...runs.map((run, i) => ({ ...run, colour: COLOURS[i], ink: inked(COLOURS[i]) })),
    ];
    const parts = [element("h2", "", question || heading(now))];
    parts.push(element("p", "state", state(now)));
    parts.push(losses(panel, all.filter((run) => run.points.length), now));
    if (question) parts.push(revealed(answer));
    parts.push(legend(now), ...orrery.benchUse?.note(now) ?? [], table(all));
    const below = element("div", "bench-below", samples(now), gradients(now));
    panel.replaceChildren(...parts, below);
  }

  // The answer to an experiment, once it is there; its place is kept.
  function revealed(answer) {
    const part = element("p", "answer", answer || "What do you expect? The answer comes when all are done.");
    part.setAttribute("aria-live", "polite");
    return part;
  }

  function heading(run) {
    const point = run.points?.at(-1);
    if (!point) return "Loss, in bits a character";
    if (run.end === "diverged") return "The loss is no number any more";
    return `Loss, in bits a character: ${bits(point[1])} on text it has not read`;
  }

  // How it stands, in one line.
  function state(run) {
    if (!run.points.length) return `${run.about} Starting.`;
    const { end, step, steps, seconds, about } = run;
    if (end === "diverged") {
      return `${about} Stopped at step ${whole(step)}: the steps were so large that the numbers overflowed. `
        + "Choose a lower learning rate, or clip the gradients.";
    }
    if (end) return `${about} ${step ? `${whole(step)} steps in ${seconds} s.` : "Nothing to learn step by step."}`;
    return `${about} Step ${whole(step)} of ${whole(steps)}${step > 5 ? left(run) : ""}.`;
  }

  function left({ step, steps, seconds }) {
    const needed = (seconds / step) * (steps - step);
    const time = (last.limit ?? Infinity) - seconds; // it ends where it stands then
    return `, ${Math.max(0, Math.ceil(Math.min(needed, time)))} s left${time < needed ? ", not for all steps" : ""}`;
  }

  // ---- The curves

  function losses(panel, runs, now) {
    const wide = Math.max(280, panel.clientWidth || 600);
    const scale = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--orrery-scale")) || 1;
    const high = Math.round(Math.min(300, Math.max(220, wide * 0.36)) * Math.sqrt(scale));
    const font = 15 * scale;
    const box = { left: 3 * font, right: wide - 8, top: font, bottom: high - 1.8 * font };
    const svg = shape("svg", { width: wide, height: high, role: "img", class: "curves", "font-size": font });
    svg.setAttribute("aria-label", runs.map(spoken).join("; ") || "No loss yet");
    if (!now.points.length) return svg;
    const guess = Math.log2(now.alphabet);
    const seen = runs.flatMap((run) => run.points.flatMap((one) => [one[1], one[2]])).filter((one) => one !== null);
    const low = Math.max(0, Math.floor(2 * Math.min(...seen, now.bigram)) / 2 - (Math.min(...seen) % 0.5 < 0.1 ? 0.25 : 0));
    const top = Math.max(guess * 1.08, Math.min(Math.max(...seen) + 0.1, 2 * guess));
    const steps = Math.max(1, ...runs.map((run) => run.steps));
    const x = (step) => box.left + (box.right - box.left) * step / steps;
    const y = (value) => box.bottom - (box.bottom - box.top) * (Math.min(value, top) - low) / (top - low);
    grid(svg, box, y, low, top, font);
    svg.append(
      say({ x: box.left, y: high - 4, class: "axis" }, "0 steps"),
      say({ x: box.right, y: high - 4, class: "axis", "text-anchor": "end" }, `${whole(steps)} steps`)
    );
    rule(svg, box, y(guess), `guessing: ${bits(guess)}`, "guess");
    if (now.bigram < guess) rule(svg, box, y(now.bigram), `counted pairs: ${bits(now.bigram)}`, "pairs");
    for (const run of runs) curve(svg, run, x, y);
    names(svg, runs, x, y, box, font);
    return svg;
  }

  function spoken(run) {
    const point = run.points.at(-1);
    return `${run.label}: ${bits(point[1])} bits held out and ${bits(point[2])} on the training text after ${point[0]} steps`;
  }

  function grid(svg, box, y, low, top, font) {
    const size = [0.25, 0.5, 1, 2, 5].find((one) => (top - low) / one <= 7) ?? 10;
    for (let value = Math.ceil(low / size) * size; value <= top; value += size) {
      svg.append(
        shape("line", { x1: box.left, x2: box.right, y1: y(value), y2: y(value), class: "grid" }),
        say({ x: box.left - 8, y: y(value) + font / 3, class: "axis", "text-anchor": "end" }, String(value))
      );
    }
  }

  function rule(svg, box, y, text, kind) {
    svg.append(
      shape("line", { x1: box.left, x2: box.right, y1: y, y2: y, class: kind }),
      say({ x: box.right, y: y - 5, class: kind, "text-anchor": "end" }, text)
    );
  }

  // Thick: held out. Thin: the training text. Dots where there is a single measurement.
  function curve(svg, run, x, y) {
    for (const [column, kind] of [[2, "thin"], [1, "thick"]]) {
      const points = run.points.filter((one) => one[column] !== null).map((one) => [x(one[0]), y(one[column])]);
      const style = `stroke:${run.colour};fill:none`;
      if (run.end && points.length === 1) { // counted at once: it holds for every step
        const [[, height]] = points;
        points.push([x(run.steps), height]);
      }
      const path = points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ");
      svg.append(shape("polyline", { points: path, class: `${kind}${run.old ? " old" : ""}`, style }));
      if (run.end === "diverged" && points.length) {
        const [a, b] = points.at(-1);
        if (kind === "thick") svg.append(say({ x: a, y: b + 6, class: "broken", "text-anchor": "middle" }, "\u2715"));
      }
    }
  }

  // The label of each curve above its end, for the thin line mostly lies below; moved apart where they would cover each other.
  function names(svg, runs, x, y, box, font) {
    const ends = runs.map((run) => {
      const point = run.points.filter((one) => one[1] !== null).at(-1);
      return point && { run, x: Math.max(x(point[0]), box.left + 10), y: Math.max(box.top + font, y(point[1]) - 0.6 * font) };
    }).filter(Boolean).sort((a, b) => a.y - b.y);
    ends.forEach((one, i) => {
      if (i) one.y = Math.max(one.y, ends[i - 1].y + 1.15 * font);
    });
    const over = Math.max(0, (ends.at(-1)?.y ?? 0) - (box.bottom - 4));
    for (const { run, x: at, y: height } of ends) {
      const anchor = at > (box.left + box.right) / 2 ? "end" : "start";
      const style = `fill:${run.ink}`;
      const kind = `name${run.old ? " old" : ""}`;
      svg.append(say({ x: at, y: height - over, class: kind, style, "text-anchor": anchor }, run.label));
    }
  }

  const legend = (run) => element("p", "bench-legend",
    element("b", "", "Thick"), `: ${run.measured ? `${whole(run.measured)} characters` : "text"} held out, never trained on. `,
    element("i", "", "Thin"), ": as many of the training text, measured the same way. No line is smoothed."
  );

  // ---- The same in numbers

  const SCORES = {
    familiar: ["names that look right", "of 1,000 written: 2 to 12 letters, every three in a row occur in a name"],
    copied: ["copied", "of 1,000 written: in the training text, letter by letter"],
    recalled: ["last letter right", "of the held-out lines"],
  };

  function table(runs) {
    const shown = runs.filter((run) => run.points.length);
    const scores = Object.keys(SCORES).filter((name) => shown.some((run) => run.scores.some(([one]) => one === name)));
    const heads = ["run", "held out", "training", "best held out", "weights", ...scores.map((name) => SCORES[name][0])];
    const head = element("tr", "", ...heads.map((text, i) => {
      const cell = element("th", "", text);
      cell.scope = "col";
      if (i > 4) cell.title = SCORES[scores[i - 5]][1];
      return cell;
    }), ...orrery.benchUse?.head() ?? []);
    const rows = shown.map((run) => row(run, scores));
    const made = element("table", "numbers", element("thead", "", head), element("tbody", "", ...rows));
    const parts = [made];
    if (runs.some((run) => run.old)) {
      const forget = element("button", "forget", "Forget earlier runs");
      forget.type = "button";
      parts.push(forget);
    }
    return element("div", "bench-table", ...parts);
  }

  function row(run, scores) {
    const name = element("th", "", run.old ? `earlier: ${run.label}` : run.label);
    name.scope = "row";
    name.style.color = run.ink;
    const point = run.points.at(-1);
    const best = run.points.filter((one) => one[1] !== null).reduce((a, b) => (b[1] < a[1] ? b : a), [0, Infinity]);
    const cells = [
      bits(point[1]), bits(point[2]), `${bits(best[1])} at step ${whole(best[0])}`, whole(run.parameters),
      ...scores.map((name) => {
        const found = run.scores.find(([one]) => one === name);
        return found ? `${orrery.percent(found[1])}\u00a0%` : "";
      }),
    ];
    return element("tr", run.old ? "old" : "", name, ...cells.map((text) => element("td", "", text)), ...orrery.benchUse?.cell(run) ?? []);
  }

  // ---- What it writes, and its gradients

  function samples(run) {
    const list = element("dl", "", ...(run.samples ?? []).flatMap(([step, texts]) => [
      element("dt", "", `step ${whole(step)}`),
      element("dd", "", ...texts.flatMap((text) => [text ? element("span", "", text) : element("i", "", "nothing"), " "])),
    ]));
    return element("section", "written", element("h3", "", `What it writes, always with the same dice: ${run.label}`), list);
  }

  function gradients(run) {
    const points = (run.points ?? []).filter((one) => one.length > 5);
    const section = element("section", "gradients", element("h3", "", "Size of the gradient, by layer"));
    if (!points.length) return section;
    const wide = 330, high = 170;
    const all = points.flatMap((one) => one.slice(5)).filter((one) => one > 0);
    const [low, top] = [Math.floor(Math.log10(Math.min(...all, 1))), Math.ceil(Math.log10(Math.max(...all, 1)))];
    const x = (step) => 44 + (wide - 52) * step / run.steps;
    const y = (value) => high - 8 - (high - 16) * (Math.log10(value) - low) / Math.max(1, top - low);
    const svg = shape("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", class: "curves", "font-size": 13 });
    svg.setAttribute("aria-label", run.layers.map((name, i) => `${name}: ${points.at(-1)[5 + i]}`).join("; "));
    const stride = Math.ceil((top - low) / 5) || 1;
    for (let power = low; power <= top; power += stride) {
      const label = power > -4 && power < 4 ? String(10 ** power) : `1e${power}`;
      svg.append(
        shape("line", { x1: 44, x2: wide - 8, y1: y(10 ** power), y2: y(10 ** power), class: "grid" }),
        say({ x: 38, y: y(10 ** power) + 4, class: "axis", "text-anchor": "end" }, label)
      );
    }
    run.layers.forEach((name, i) => {
      const path = points.filter((one) => one[5 + i] > 0).map((one) => `${x(one[0]).toFixed(1)},${y(one[5 + i]).toFixed(1)}`);
      svg.append(shape("polyline", { points: path.join(" "), class: "layer", style: `stroke:${COLOURS[i % 4]};fill:none` }));
    });
    const keys = run.layers.map((name, i) => {
      const key = element("span", "", `${name} ${points.at(-1)[5 + i]?.toPrecision(2) ?? "no number"}`);
      key.style.borderColor = COLOURS[i % 4];
      return key;
    });
    const [, , , rate, norm] = points.at(-1);
    const clipped = run.clip && norm > run.clip ? `, clipped to ${run.clip}` : "";
    const said = `All together ${norm === null ? "no number" : norm.toPrecision(2)}${clipped}. Learning rate ${Number(rate.toPrecision(2))}.`;
    section.append(element("p", "keys-of-layers", ...keys), svg, element("p", "", said));
    return section;
  }

  // ---- The dials: one that is touched leaves the experiment, whose dials are its own

  function leave(event) {
    if (!event.isTrusted || !orrery.at(event, "#ladder-train-dials") || orrery.at(event, "[data-fold]")) return;
    const box = document.querySelector("#ladder-train-experiment textarea");
    if (!box?.value) return;
    orrery.type(box, "");
  }
  for (const kind of ["pointerdown", "input", "keydown"]) document.addEventListener(kind, leave);

  // A text of one's own has its box in sight only where it is chosen.
  orrery.watch(() => {
    const chosen = document.querySelector("#ladder-train-text input")?.value;
    document.querySelector("#ladder-train-view")?.classList.toggle("own-text", chosen === "Your own");
  });
  document.addEventListener("change", () => orrery.refresh());
}
