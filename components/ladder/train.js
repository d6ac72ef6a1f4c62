// The bench: trainings as they go on, drawn by the scripts in bench/. Up to four finished ones stay for
// comparison; they are kept by the page alone.
{
  const { element, inked, series } = orrery;
  const MOST = 4;
  let last = null; // the newest value
  let cancelled = ""; // the id of those that Stop has ended
  let earlier = []; // finished trainings of values before it

  orrery.widget("bench", (panel, value) => {
    if (last && last.id !== value.id) {
      earlier = [...earlier, ...last.runs.filter((run) => run.points.length)];
    }
    last = { ...value, stopped: value.stopped || value.id === cancelled };
    orrery.benchUse?.heard(value);
    earlier = earlier.slice(-Math.max(0, MOST - value.runs.length)).slice(0, MOST);
    if (value.runs.length >= MOST) earlier = [];
    draw(panel);
  });

  window.addEventListener("resize", () => last && orrery.drawBench());

  // The server's last word does not come once the run is cancelled; what was under way still may.
  document.addEventListener("click", (event) => {
    if (!orrery.at(event, "#ladder-train-stop") || !last || last.ended) return;
    cancelled = last.id;
    last.stopped = true;
    orrery.drawBench();
  });

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
      ...runs.map((run, i) => ({ ...run, colour: series[i], ink: inked(series[i]) })),
    ];
    const parts = [element("h2", "", question || heading(now))];
    parts.push(element("p", "state", state(now)));
    parts.push(orrery.benchCurves(panel, all.filter((run) => run.points.length), now));
    if (question) parts.push(revealed(answer));
    parts.push(legend(now), ...orrery.benchUse?.note(now) ?? [], orrery.benchNumbers(all));
    const below = element("div", "bench-below", orrery.benchWritten(now), orrery.benchGradients(now));
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
    return `Loss, in bits a character: ${orrery.lossBits(point[1])} on text it has not read`;
  }

  // How it stands, in one line.
  function state(run) {
    if (!run.points.length) return `${run.about} ${last.stopped ? "Stopped before the first loss." : "Starting."}`;
    const { end, step, steps, seconds, about } = run;
    if (end === "diverged") {
      return `${about} Stopped at step ${orrery.number.format(step)}: the steps were so large that the numbers overflowed. `
        + "Choose a lower learning rate, or clip the gradients.";
    }
    if (end) return `${about} ${step ? `${orrery.number.format(step)} steps in ${seconds} s.` : "Nothing to learn step by step."}`;
    const told = `tep ${orrery.number.format(step)} of ${orrery.number.format(steps)}`;
    return last.stopped ? `${about} Stopped at s${told}.` : `${about} S${told}${step > 5 ? left(run) : ""}.`;
  }

  function left({ step, steps, seconds }) {
    const needed = (seconds / step) * (steps - step);
    const time = (last.limit ?? Infinity) - seconds; // it ends where it stands then
    return `, ${Math.max(0, Math.ceil(Math.min(needed, time)))} s left${time < needed ? ", not for all steps" : ""}`;
  }

  const legend = (run) => element("p", "bench-legend",
    element("b", "", "Thick"), `: ${run.measured ? `${orrery.number.format(run.measured)} characters` : "text"} held out, never trained on. `,
    element("i", "", "Thin"), ": as many of the training text, measured the same way. No line is smoothed."
  );
}
