// What a model has written, token by token: Back, Step, and writing on. What was read is not read
// anew, so that every earlier row of a map stays as it was: nothing is asked to go back and forth.
{
  const { element } = orrery;
  const VIEW = "attention-heads";
  const AT_ONCE = 8; // tokens that "Write on" asks for
  const MOST = 64;
  const PACE = 700; // ms a token
  const LABELS = { back: "\u2039 Back", step: "Step \u203a", play: "Write on", pause: "Pause" };
  const earlier = { rows: [], shown: 0 };

  // How many rows to show of a new answer: where it goes on from what was shown, that many.
  orrery.shownOf = ({ rows, written }) => {
    const before = earlier.rows;
    const goesOn = before.length && rows.length > before.length && before.every((one, i) => one === rows[i]);
    const shown = goesOn && written && rows.length > before.length + 1 ? earlier.shown : rows.length;
    earlier.rows = rows;
    return shown;
  };

  // tell(shown) is called when another number of rows is to be shown.
  orrery.writing = (widget, facts, tell) => {
    const buttons = Object.entries(LABELS).filter(([name]) => name !== "pause").map(([name, label]) => {
      const button = element("button", "", label);
      button.type = "button";
      button.dataset.writing = name;
      if (name === "step") button.className = "step-on"; // a key of Lecture presses it
      return button;
    });
    const bar = element("div", "writing", ...buttons, element("span", ""));
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "What the model writes");
    widget.writing = { facts, tell, least: Math.max(1, facts.rows.length - facts.written), shown: facts.shown };
    clearInterval(widget.playing);
    widget.playing = 0;
    if (facts.shown < facts.rows.length) play(widget, bar);
    show(widget, bar);
    return bar;
  };

  function show(widget, bar = widget.querySelector(".writing")) {
    const { facts, least, shown } = widget.writing;
    earlier.shown = shown;
    const [back, step, on] = bar.querySelectorAll("button");
    const full = facts.written >= MOST || facts.ended;
    back.disabled = shown <= least;
    step.disabled = shown >= facts.rows.length && (!facts.writes || full);
    on.disabled = !widget.playing && step.disabled && !facts.written;
    on.textContent = widget.playing ? LABELS.pause : facts.writes ? LABELS.play : "Play";
    const count = shown - (facts.rows.length - facts.written);
    bar.querySelector("span").textContent = facts.written
      ? `${Math.max(0, count)} of ${facts.written} written` : "";
  }

  function move(widget, by) {
    const { facts, least, shown, tell } = widget.writing;
    widget.writing.shown = Math.min(facts.rows.length, Math.max(least, shown + by));
    show(widget);
    tell(widget.writing.shown);
  }

  function play(widget, bar) {
    widget.playing = setInterval(() => {
      if (!widget.isConnected) return clearInterval(widget.playing);
      if (widget.writing.shown >= widget.writing.facts.rows.length) pause(widget);
      else move(widget, 1);
    }, PACE);
    if (bar.isConnected) show(widget, bar);
  }

  function pause(widget) {
    clearInterval(widget.playing);
    widget.playing = 0;
    show(widget);
  }

  function more(widget, count) {
    orrery.ask(VIEW, { written: Math.min(MOST, widget.writing.facts.written + count) });
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, "[data-writing]");
    if (!button) return;
    const widget = button.closest(".attention"), { facts, shown } = widget.writing;
    const kind = button.dataset.writing, all = shown >= facts.rows.length;
    const playing = widget.playing;
    if (playing) pause(widget);
    if (kind === "back") return move(widget, -1);
    if (kind === "step") return all ? more(widget, 1) : move(widget, 1);
    if (playing) return;
    if (all && facts.writes && facts.written < MOST && !facts.ended) return more(widget, AT_ONCE);
    if (all) move(widget, -facts.written);
    play(widget, button.parentElement);
  });
}
