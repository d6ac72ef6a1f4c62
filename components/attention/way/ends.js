// The last parts of a token's way: how the stream grows over all layers, the logits, and the choice.
{
  const { element, number, percent, shape, signed } = orrery;
  const W = 520, H = 170, LEFT = 44, RIGHT = 12, TOP = 12, BOTTOM = 30; // of the chart
  const SHOWN = 6; // next tokens

  // Lines of lengths by state; series: [class, lengths].
  function chart(series, states, most, layer) {
    const x = (i) => LEFT + ((W - LEFT - RIGHT) * i) / Math.max(1, states - 1);
    const y = (length) => H - BOTTOM - ((H - TOP - BOTTOM) * length) / most;
    const ticks = [0, most / 2, most].flatMap((value) => [
      shape("line", { class: "grid", x1: LEFT, x2: W - RIGHT, y1: y(value), y2: y(value) }),
      shape("text", { x: LEFT - 8, y: y(value) + 5, "text-anchor": "end" }, String(Math.round(value))),
    ]);
    const names = Array.from({ length: states }, (_, i) =>
      shape("text", { x: x(i), y: H - 8, "text-anchor": "middle", class: i === layer ? "here" : "" }, i ? String(i) : "emb."));
    const lines = series.flatMap(([kind, lengths]) => [
      shape("polyline", { class: kind, points: lengths.map((one, i) => `${x(i)},${y(one)}`).join(" ") }),
      ...lengths.map((one, i) => shape("circle", { class: kind, cx: x(i), cy: y(one), r: 4 }, shape("title", {}, `${i ? `after layer ${i}` : "embedding"}: ${one.toFixed(2)}`))),
    ]);
    const said = series.map(([kind, lengths]) => `${kind}: ${lengths.map((one) => one.toFixed(1)).join(", ")}`).join("; ");
    return shape("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `Length of the stream by layer. ${said}` }, ...ticks, ...names, ...lines);
  }

  orrery.wayGrowth = ({ growth, growthOfAll, other, labels, token, layer }) => {
    const series = [["token", growth], ["all", growthOfAll], ...(other ? [["post", other.lengths]] : [])];
    const states = Math.max(...series.map(([, one]) => one.length));
    const most = Math.max(...series.flatMap(([, one]) => one));
    const key = (kind, ...said) => element("p", "way-key", element("i", kind), element("span", "", ...said));
    const ends = (lengths) => `${signed(lengths[0], 1)} \u2192 ${signed(lengths.at(-1), 1)}`;
    return [element(
      "div", "way-side even", element("figure", "way-chart", chart(series, states, most, layer)),
      element(
        "div", "",
        key("token", "Pre-norm: ", element("code", "", labels[token]), ` ${ends(growth)}`),
        key("all", `mean of its sentence: ${ends(growthOfAll)}`),
        ...(other ? [key("post", `Post-norm, ${other.title}, the same text: ${ends(other.lengths)}`)] : []),
        element("p", "way-formula", "pre: x + f(norm(x)) \u2003 post: norm(x + f(x))"),
        element("p", "", "Post-norm, as in the first transformers, norms every sum: the stream keeps its length. Pre-norm lets it pass, and deep models train more easily.")
      )
    )];
  };

  orrery.wayLogits = ({ own, names, order, logits }) => {
    const best = order.slice(0, 4).map((one) => logits[one]), widest = Math.max(...best.map(Math.abs));
    const strip = (name, row) => element("div", "way-line", element("span", "", name), orrery.strips([row], [name]), element("span", "", `length ${signed(orrery.lengthOf(row))}`));
    const least = logits.reduce((a, b) => Math.min(a, b));
    return [
      strip("the stream", own.last), strip("after the last norm", own.read),
      element("div", "way-weights", ...best.map((one, i) => orrery.bar(names[i], [[Math.max(0, one), "kept"]], { widest, value: signed(one), kind: i ? "" : "hit" }))),
      element("p", "", `All ${number.format(logits.length)} lie between ${signed(least)} and ${signed(best[0])}. Each is the normed stream times a token's embedding: the table of the start. `, element("span", "strip-readout", "")),
    ];
  };

  orrery.wayChoice = (facts, panel) => {
    const { temperature, k, p, drawn: die } = facts;
    const dial = (name, label, low, high, step, value, said) => {
      const box = element("input", "");
      Object.assign(box, { type: "range", min: low, max: high, step, value });
      box.dataset.dial = name;
      box.setAttribute("aria-label", label);
      const shown = element("output", "", said(value));
      box.addEventListener("input", () => {
        shown.textContent = said(box.valueAsNumber);
        orrery.wayChoose(panel, { [name]: box.valueAsNumber });
        panel.querySelector(`[data-dial=${name}]`).focus();
      });
      return element("label", "", element("span", "", label), box, shown);
    };
    return [element(
      "div", "way-side even",
      element(
        "div", "way-dials",
        dial("temperature", "Temperature", 0, 2, 0.1, temperature, (one) => (one ? one.toFixed(1) : "0, greedy")),
        dial("k", "Top-k", 0, 40, 1, k, (one) => (one ? String(one) : "off")),
        dial("p", "Top-p", 0.05, 1, 0.05, p, (one) => (one < 1 ? one.toFixed(2) : "off")),
        dial("drawn", "Dice", 0, 0.999, 0.001, die, (one) => one.toFixed(3)),
        ...taken(facts, panel)
      ),
      element("div", "way-weights", ...bars(facts, panel))
    )];
  };

  function bars({ names, order, logits, chances, kept, shares, temperature }, panel) {
    const heat = [0, 1].includes(temperature) ? "" : ` / ${temperature}`;
    const shown = order.slice(0, SHOWN).map((one, i) => {
      const button = orrery.bar(names[i], [[i < kept ? shares[i] : chances[i], i < kept ? "kept" : "cut"]], {
        value: i < kept ? `${percent(shares[i])}\u00a0%` : "cut", remark: `logit ${signed(logits[one])}${heat}`, kind: i < kept ? "" : "all-cut", tag: "button",
      });
      button.type = "button";
      button.title = `Go on with ${names[i]}`;
      button.addEventListener("click", () => goOn(panel, i));
      return button;
    });
    const held = shares.slice(SHOWN).reduce((sum, one) => sum + one, 0), others = Math.max(0, order.length - SHOWN);
    return [...shown, orrery.bar(`${number.format(others)} others`, [[held, "kept"]], { value: `${percent(held)}\u00a0%`, kind: "rest" })];
  }

  function taken(facts, panel) {
    const { names, order, shares, kept, drawn: die } = facts, at = orrery.fallsOn(shares, die);
    const called = names[at] ?? `token ${order[at]}`;
    const button = (name, act) => {
      const made = element("button", "", name);
      made.type = "button";
      made.addEventListener("click", act);
      return made;
    };
    const go = button("Take it and go on", () => goOn(panel, at));
    go.disabled = !facts.texts[at];
    const said = element(
      "p", "way-taken", `${number.format(kept)} of ${number.format(order.length)} can come; the dice fall on `,
      element("code", "", called), `, ${percent(shares[at])}\u00a0%.`
    );
    said.setAttribute("aria-live", "polite");
    return [said, element("p", "way-buttons", button("Throw", () => orrery.wayChoose(panel, { drawn: Math.floor(1000 * Math.random()) / 1000 })), go)];
  }

  // The sentence with that token, followed at its new end.
  function goOn(panel, at) {
    const { facts } = panel;
    if (facts.texts[at]) orrery.wayAsk(panel, { text: facts.sentence + facts.texts[at], token: facts.labels.length - 1 });
  }
}
