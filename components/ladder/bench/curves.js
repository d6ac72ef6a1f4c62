// The losses of all trainings on screen over the steps, with the lines of guessing and of counted pairs.
{
  const { number, say, shape } = orrery;
  const STEPS = 12; // points on the way between two
  const bits = (value) => orrery.lossBits(value);

  // now: the training whose text and alphabet the two lines are for; until they are known, those of the
  // newest of the others, whose curves stay in sight.
  orrery.benchCurves = (panel, runs, now) => {
    const share = parseFloat(getComputedStyle(panel).getPropertyValue("--curves")) || 1; // of the panel
    const wide = Math.max(280, share * panel.clientWidth || 600);
    const scale = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--orrery-scale")) || 1;
    const high = Math.round(Math.min(300, Math.max(220, wide * 0.36)) * Math.sqrt(scale));
    const font = 15 * scale;
    const box = { left: 3 * font, right: wide - 8, top: font, bottom: high - 1.8 * font };
    const svg = shape("svg", { width: wide, height: high, role: "img", class: "curves", "font-size": font });
    svg.setAttribute("aria-label", runs.map(spoken).join("; ") || "No loss yet");
    const { alphabet, bigram } = now.alphabet ? now : runs.at(-1) ?? {};
    if (!alphabet) return svg;
    const guess = Math.log2(alphabet);
    const seen = runs.flatMap((run) => run.points.flatMap((one) => [one[1], one[2]])).filter((one) => one !== null);
    const low = Math.max(0, Math.floor(2 * Math.min(...seen, bigram)) / 2 - (Math.min(...seen) % 0.5 < 0.1 ? 0.25 : 0));
    const top = Math.max(guess * 1.08, Math.min(Math.max(...seen) + 0.1, 2 * guess));
    const steps = Math.max(1, now.steps, ...runs.map((run) => run.steps));
    const x = (step) => box.left + (box.right - box.left) * step / steps;
    const y = (value) => box.bottom - (box.bottom - box.top) * (Math.min(value, top) - low) / (top - low);
    grid(svg, box, y, low, top, font);
    svg.append(
      say({ x: box.left, y: high - 4, class: "axis" }, "0 steps"),
      say({ x: box.right, y: high - 4, class: "axis", "text-anchor": "end" }, `${number.format(steps)} steps`)
    );
    const lines = [[guess, "guess", "guessing"]];
    if (bigram < guess) lines.push([bigram, "pairs", "counted pairs"]);
    for (const [value, kind] of lines) svg.append(shape("line", { x1: box.left, x2: box.right, y1: y(value), y2: y(value), class: kind }));
    const taken = runs.flatMap((run) => curve(svg, run, x, y));
    taken.push(...names(svg, runs, x, y, box, font));
    for (const [value, kind, text] of lines) rule(svg, box, y(value), `${text}: ${bits(value)}`, kind, taken, font);
    return svg;
  };

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

  // The name of a line above or below it, at its end or further left: where least of the curves and of
  // their names is in the way. taken: points of these.
  function rule(svg, box, y, text, kind, taken, font) {
    const wide = 0.56 * font * text.length;
    const places = [1, 0.75, 0.5].flatMap((share) => [-5, font].map((down) => ({ x: box.left + share * (box.right - box.left), y: y + down })));
    const hits = ({ x, y: base }) => base > box.bottom ? Infinity
      : taken.filter(([a, b]) => a > x - wide - 6 && a < x + 6 && b > base - font && b < base + 5).length;
    const best = places.reduce((a, b) => (hits(b) < hits(a) ? b : a));
    svg.append(say({ ...best, class: kind, "text-anchor": "end" }, text));
  }

  // So many points on the way from one to the next.
  const between = (points) => points.flatMap(([a, b], i) => {
    const [c, d] = points[i + 1] ?? [a, b];
    return Array.from({ length: STEPS }, (_, k) => [a + ((c - a) * k) / STEPS, b + ((d - b) * k) / STEPS]);
  });

  // Thick: held out. Thin: the training text. Dots where there is a single measurement.
  // Gives points that it covers.
  function curve(svg, run, x, y) {
    const covered = [];
    for (const [column, kind] of [[2, "thin"], [1, "thick"]]) {
      const points = run.points.filter((one) => one[column] !== null).map((one) => [x(one[0]), y(one[column])]);
      const style = `stroke:${run.colour};fill:none`;
      if (run.end && points.length === 1) { // counted at once: it holds for every step
        const [[, height]] = points;
        points.push([x(run.steps), height]);
      }
      covered.push(...between(points));
      const path = points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ");
      svg.append(shape("polyline", { points: path, class: `${kind}${run.old ? " old" : ""}`, style }));
      if (run.end === "diverged" && points.length) {
        const [a, b] = points.at(-1);
        if (kind === "thick") svg.append(say({ x: a, y: b + 6, class: "broken", "text-anchor": "middle" }, "\u2715"));
      }
    }
    return covered;
  }

  // The label of each curve above its end, for the thin line mostly lies below; moved up where they would cover each other.
  // Gives points that they cover.
  function names(svg, runs, x, y, box, font) {
    const ends = runs.map((run) => {
      const point = run.points.filter((one) => one[1] !== null).at(-1);
      const at = run.end && run.points.length === 1 ? run.steps : point?.[0]; // what was counted holds for every step
      return point && { run, x: Math.max(x(at), box.left + 10), y: Math.max(box.top + font, y(point[1]) - 0.6 * font) };
    }).filter(Boolean).sort((a, b) => b.y - a.y);
    const middle = (box.left + box.right) / 2, line = 1.15 * font;
    const from = ({ x: at, run }) => (at > middle ? at - 0.56 * font * run.label.length : at);
    const beside = (a, b) => from(a) + 0.56 * font * a.run.label.length < from(b);
    ends.forEach((one, i) => {
      for (const other of ends.slice(0, i)) {
        if (!beside(one, other) && !beside(other, one)) one.y = Math.min(one.y, other.y - line);
      }
    });
    const over = Math.min(0, Math.min(...ends.map((one) => one.y)) - box.top - 0.8 * font);
    return ends.flatMap(({ run, x: at, y: height }) => {
      const anchor = at > middle ? "end" : "start";
      const style = `fill:${run.ink}`;
      const kind = `name${run.old ? " old" : ""}`;
      svg.append(say({ x: at, y: height - over, class: kind, style, "text-anchor": anchor }, run.label));
      const wide = (anchor === "end" ? -0.56 : 0.56) * font * run.label.length;
      return between([[at, height - over - font / 3], [at + wide, height - over - font / 3]]);
    });
  }
}
