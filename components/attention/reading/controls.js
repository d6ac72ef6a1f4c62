// What is chosen beside the picture of a head: lines or map, the part of a translator, an age.
{
  const { element } = orrery;
  const VIEW = "attention-heads";
  const PANES = { lines: "Lines", map: "Map" };
  const PARTS = {
    cross: ["Cross", "The translation reads the sentence"],
    encoder: ["Encoder", "The sentence reads itself"],
    decoder: ["Decoder", "The translation reads itself"],
  };
  const LONG = 160; // tokens from which the map opens: two such texts fill more than a screen
  const memory = { pane: null };

  orrery.paneOf = ({ rows }) => memory.pane ?? (rows.length > LONG ? "map" : "lines");

  orrery.panes = (facts) => element("div", "switch", ...Object.entries(PANES).map(([name, label]) => {
    const button = pressable(label, name === orrery.paneOf(facts));
    button.dataset.pane = name;
    return button;
  }));

  function pressable(label, pressed) {
    const button = element("button", "", label);
    button.type = "button";
    button.setAttribute("aria-pressed", String(pressed));
    return button;
  }

  orrery.translatorParts = ({ part, parts: all }) => {
    if (all.length < 2) return [];
    return [element("div", "switch", ...all.map((one) => {
      const [label, title] = PARTS[one], button = pressable(label, one === part);
      button.title = title;
      button.dataset.inputs = JSON.stringify({ part: one });
      return button;
    }))];
  };

  // How old the model is that looks: a dial that asks when it is let go.
  orrery.ages = ({ age, ages: all }) => {
    if (!all.length) return [];
    const dial = element("input", "");
    Object.assign(dial, { type: "range", min: 0, max: all.length - 1, step: 1, value: all.indexOf(age) });
    dial.dataset.ages = JSON.stringify(all);
    dial.setAttribute("aria-label", "Steps of training");
    dial.setAttribute("aria-valuetext", `${age} steps`);
    return [element("label", "ages", "Age ", dial, element("b", "", `${orrery.number.format(age)} steps`))];
  };

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".attention [data-pane]");
    if (!button) return;
    memory.pane = button.dataset.pane;
    orrery.heads.layOut(button.closest(".attention"));
  });

  document.addEventListener("input", (event) => {
    const dial = orrery.at(event, ".attention [data-ages]");
    if (dial) dial.nextElementSibling.textContent = `${orrery.number.format(JSON.parse(dial.dataset.ages)[dial.value])} steps`;
  });

  document.addEventListener("change", (event) => {
    const dial = orrery.at(event, ".attention [data-ages]");
    if (dial) orrery.ask(VIEW, { age: JSON.parse(dial.dataset.ages)[dial.value] });
  });
}
