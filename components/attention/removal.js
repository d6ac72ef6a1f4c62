// Removal: what the next token becomes without each head, from one message and without a request.
{
  const { element } = orrery;

  const draw = (panel, value) => {
    panel.facts = value;
    const grid = orrery.headGrid("removal-grid", value, (...cell) => fillButton(value, ...cell));
    const explained = element(
      "p", "", "Bits by which the prediction of the next token moves without this head. One head "
      + "on one sentence is an experiment, not proof: others may stand in for it."
    );
    const moves = element("div", "moves");
    moves.setAttribute("aria-live", "polite");
    panel.replaceChildren(
      element("div", "removal-list", element("h2", "", "Remove a head"), explained, grid), moves,
      ...(value.ranking.length ? [ranked(value)] : [])
    );
    show(panel, ...orrery.chosenHead(value));
  };

  orrery.widget("removal", draw);
  orrery.onHead((layer, head) => {
    for (const panel of document.querySelectorAll(".removal")) show(panel, layer, head);
  });

  // White where nothing moves, full colour at the head that moves most, unless that is next to nothing.
  function fillButton({ moved, over }, button, layer, head) {
    const bits = `${over[layer][head] ? "over " : ""}${orrery.signed(moved[layer][head])}`;
    const most = Math.max(0.1, ...moved.flat());
    button.textContent = bits;
    button.style.setProperty("--share", `${Math.round((100 * moved[layer][head]) / most)}%`);
    button.setAttribute(
      "aria-label", `Without layer ${layer + 1}, head ${head + 1}: ${bits} bits`
    );
  }

  // Heads by their mean over several sentences: a bar to the mean, and a dot for each sentence.
  function ranked({ ranking, sentences }) {
    const widest = Math.max(0.1, ...ranking.flatMap(({ bits }) => bits));
    const key = (mark, said) => element("span", "", element("span", mark), ` ${said}`);
    return element(
      "section", "ranked",
      element("h3", "", `Over ${sentences.length} sentences: heads ranked by their mean effect, in bits`),
      element("div", "ranked-heads", ...ranking.map((one) => rankedRow(one, sentences, widest))),
      element(
        "p", "legend", key("swatch more", "mean \u00b1 standard deviation"), key("ranked-dot own", "this sentence"),
        key("ranked-dot", "each other (\u201cMore\u201d takes yours)")
      )
    );
  }

  function rankedRow({ layer, head, mean, spread, over, bits }, sentences, widest) {
    const value = `${over ? "over " : ""}${orrery.signed(mean)} \u00b1 ${spread.toFixed(2)}`;
    const row = orrery.bar(`Layer ${layer}, head ${head}`, [[mean, "more"]], { widest, value, tag: "button" });
    row.type = "button";
    row.title = sentences.map((text, i) => `${orrery.signed(bits[i])}  ${text}`).join("\n");
    row.setAttribute("aria-label", `Layer ${layer}, head ${head}: ${value} bits; by sentence ${
      bits.map((one) => orrery.signed(one)).join(", ")}`);
    row.addEventListener("click", () => orrery.takeHead(layer - 1, head - 1));
    bits.map((one, i) => {
      const dot = element("span", i ? "ranked-dot" : "ranked-dot own");
      dot.style.left = `${(100 * one) / widest}%`;
      return dot;
    }).reverse().forEach((dot) => row.querySelector(".track").append(dot));
    return row;
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
