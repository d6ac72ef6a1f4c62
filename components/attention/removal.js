// Removal: what the next token becomes without each head, from one message and without a request.
{
  const { element } = orrery;

  const draw = (panel, value) => {
    panel.facts = value;
    const grid = orrery.headGrid("removal-grid", value, (...cell) => fillButton(value, ...cell));
    const explained = element(
      "p", "", "Bits by which the prediction of the next token moves when this one head is removed. "
      + "Removing one head on one sentence is an experiment, not proof: others may stand in for it."
    );
    const moves = element("div", "moves");
    moves.setAttribute("aria-live", "polite");
    panel.replaceChildren(
      element("div", "removal-list", element("h2", "", "Remove a head"), explained, grid), moves
    );
    show(panel, ...orrery.chosenHead(value));
  };

  orrery.widget("removal", draw);
  orrery.onHead((layer, head) => {
    for (const panel of document.querySelectorAll(".removal")) show(panel, layer, head);
  });

  // White where nothing moves, full colour at the head that moves most, unless that is next to nothing.
  function fillButton({ moved, over }, button, layer, head) {
    const bits = `${over[layer][head] ? "over " : ""}${moved[layer][head].toFixed(2)}`;
    const most = Math.max(0.1, ...moved.flat());
    button.textContent = bits;
    button.style.setProperty("--share", `${Math.round((100 * moved[layer][head]) / most)}%`);
    button.setAttribute(
      "aria-label", `Without layer ${layer + 1}, head ${head + 1}: ${bits} bits`
    );
  }

  function show(panel, layer, head) {
    if (!panel.facts || !orrery.hasHead(panel.facts, layer, head)) return;
    const { after, rows, rest, others, cost } = panel.facts;
    orrery.pressHead(panel, layer, head);
    const bits = Math.abs(cost[layer][head]).toFixed(2);
    const change = cost[layer][head] < 0 ? "easier" : "harder";
    panel.querySelector(".moves").replaceChildren(
      element(
        "h3", "", "What follows ", element("code", "", after), ` without layer ${layer + 1}, head ${head + 1}`
      ),
      ...orrery.changes(rows[layer][head], others, rest[layer][head]),
      element("p", "", `The sentence itself becomes ${bits} bits a token ${change} to predict.`)
    );
  }
}
