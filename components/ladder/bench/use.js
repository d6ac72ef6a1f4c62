// The trained model of the bench, to be used in the labs of this tab or taken away.
{
  const { element } = orrery;
  const arrived = {}; // by the name of a trained model, when it was first heard of
  let told = ""; // about the newest model that is used or fetched
  let keeps = 3600; // seconds
  const LABS = [["write", "generation", "Generation"], ["attend", "attention", "Attention"], ["write", "ladder", "Ladder"]];
  const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const ends = (name) => arrived[name] + 1000 * keeps;

  function uses(run, tag = "td") {
    const { model } = run;
    const gone = !model || ends(model.name) < Date.now();
    const used = !gone && orrery.isUsed(model.name);
    const make = (kind, text, title) => {
      const button = element("button", kind, text);
      button.type = "button";
      button.title = title;
      button.disabled = gone || (used && kind === "use");
      button.addEventListener("click", () => act(button, model));
      return button;
    };
    return element(tag, "uses",
      make("use", used ? "In use" : "Use it", "Choose it in the other labs of this browser tab"),
      make("fetch", "Folder", "Download it as a folder: weights, tokenizer and card"));
  }

  function useNote(run) {
    const note = element("p", "use-note");
    note.setAttribute("aria-live", "polite");
    const used = orrery.trained("write").find((one) => one.name === run.model?.name);
    if (told) note.append(told);
    else if (used) {
      const links = LABS.filter(([can]) => used.can.includes(can)).flatMap(([, lab, title]) => {
        const link = element("a", "", title);
        link.href = orrery.address(lab);
        return [link, " "];
      });
      note.append(`${used.title}: a choice in the lists of models of this tab until ${clock(used.until)}. `, ...links);
    } else if (run.model) note.append("Use it: then it can be chosen in the other labs of this browser tab, for an hour.");
    else if (run.end && run.end !== "diverged") note.append("An example for everybody. Press Train for a model that you can use in the other labs.");
    if (run.points.length) note.append(uses(run, "span")); // a phone has no room for it in the table
    return note;
  }

  async function act({ className }, { name, title, can }) {
    told = "";
    if (className === "fetch") told = await orrery.fetchFolder(name);
    else if (!orrery.use({ name, can, title: `${title}, trained ${clock(arrived[name])}`, until: ends(name) })) {
      told = "This browser keeps nothing for a tab, so the model cannot be used elsewhere.";
    }
    orrery.drawBench();
  }

  orrery.benchUse = {
    heard(value) {
      keeps = value.keeps ?? keeps;
      for (const { model } of value.runs) if (model) arrived[model.name] ??= Date.now();
    },
    head() {
      const cell = element("th", "uses", "model");
      cell.scope = "col";
      return [cell];
    },
    cell: (run) => [uses(run)],
    note: (run) => [useNote(run)],
  };
}
