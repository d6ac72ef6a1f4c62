// The trainings on screen in numbers: a row each, with what was counted in the end.
{
  const { element, number } = orrery;

  const SCORES = {
    familiar: ["names that look right", "of 1,000 written: 2 to 12 letters, every three in a row occur in a name"],
    copied: ["copied", "of 1,000 written: in the training text, letter by letter"],
    recalled: ["last letter right", "of the held-out lines"],
  };

  orrery.lossBits = (value) => {
    if (value === null || value === undefined) return "no number";
    return value < 1000 ? value.toFixed(2) : "over 1,000";
  };

  orrery.benchNumbers = (runs) => {
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
  };

  function row(run, scores) {
    const name = element("th", "", run.old ? `earlier: ${run.label}` : run.label);
    name.scope = "row";
    name.style.color = run.ink;
    const point = run.points.at(-1);
    const best = run.points.filter((one) => one[1] !== null).reduce((a, b) => (b[1] < a[1] ? b : a), [0, Infinity]);
    const cells = [
      orrery.lossBits(point[1]), orrery.lossBits(point[2]), `${orrery.lossBits(best[1])} at step ${number.format(best[0])}`, number.format(run.parameters),
      ...scores.map((name) => {
        const found = run.scores.find(([one]) => one === name);
        return found ? `${orrery.percent(found[1])}\u00a0%` : "";
      }),
    ];
    return element("tr", run.old ? "old" : "", name, ...cells.map((text) => element("td", "", text)), ...orrery.benchUse?.cell(run) ?? []);
  }
}
