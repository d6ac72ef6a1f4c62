// The part of a token's way that is open: its vectors as wide strips, with what is done to them.
{
  const { element, percent, number, signed, rows } = orrery;

  orrery.wayPart = (panel) => {
    const part = PARTS[panel.facts.stop](panel.facts, panel);
    const told = part.some((one) => one.querySelector(".strip-readout"));
    return told || !part.some((one) => one.querySelector("canvas")) ? part : [...part, element("p", "", readout())];
  };

  // A line: a name, the strip, and what is to be said of it.
  function line(name, numbers, end = "", full = undefined) {
    const label = typeof name === "string" ? name : name.map((one) => one.textContent ?? one).join("");
    const strip = orrery.strips([numbers], [label], full ? { full } : {});
    return element("div", "way-line", element("span", "", ...[name].flat()), strip, element("span", "", end));
  }

  const code = (label) => element("code", "", label);
  const length = (row) => `length ${signed(orrery.lengthOf(row))}`;
  const scale = (full) => element("p", "way-scale", "Full colour from ", element("i", "down"), `\u2212${full.toFixed(2)} and `, element("i", "up"), `${full.toFixed(2)} on; white is 0. `, readout());

  const readout = () => element("span", "strip-readout", "Point at a number to read it.");

  // Lines that share one scale.
  function lines(...all) {
    const full = orrery.fullAt(...all.map(([, numbers]) => numbers));
    return [...all.map(([name, numbers, end]) => line(name, numbers, end, full)), scale(full)];
  }

  const side = (...parts) => element("div", "way-side", ...parts);
  const head = (...parts) => element("h3", "", ...parts);

  function mine({ own, head: at, heads }, name, i = 0) {
    const all = name === "key" ? own.key : name === "mixed" ? own.mixed : rows(own.queries, 2)[i];
    return rows(all, heads)[at - 1];
  }

  function tokens({ labels, ids, token }, panel) {
    return [element("ol", "way-ids", ...labels.map((label, i) => {
      const button = element("button", "", code(label), element("small", "", String(ids[i])));
      button.type = "button";
      button.setAttribute("aria-pressed", String(i === token));
      button.addEventListener("click", () => orrery.wayAsk(panel, { token: i }));
      return element("li", "", button);
    }))];
  }

  // Another place where the same token stands.
  function twin({ ids, token }) {
    const found = ids.findIndex((id, i) => id === ids[token] && i !== token);
    return found < 0 ? null : found;
  }

  function embedding(facts) {
    const { own, labels, token, embeddedRows } = facts, other = twin(facts);
    const first = Array.from(own.embedded.slice(0, 8), (one) => signed(one, 3)).join(", ");
    return [
      ...lines(
        [[code(labels[token])], own.embedded, length(own.embedded)],
        ...(other === null ? [] : [[[code(labels[other]), `, token ${other + 1}`], embeddedRows[other], "the same row"]])
      ),
      element("p", "", `It begins ${first}, \u2026`),
      element("p", "", "No number says where the token stands: this model turns queries and keys by their place instead (rotary positions)."),
    ];
  }

  function stream(facts) {
    const { own, labels, token, streamRows, layer, growth } = facts, other = twin(facts);
    const before = layer === 1 ? "the embedding" : `after layer ${layer - 1}`;
    const again = other === null ? [] : [[[code(labels[other]), `, token ${other + 1}`], streamRows[other],
      layer === 1 ? "the same" : `cosine ${signed(cosine(own.stream, streamRows[other]))}`]];
    const full = orrery.fullAt(own.stream);
    return [
      line("embedding", own.embedded, `length ${signed(growth[0])}`, full),
      line(before, own.stream, length(own.stream), full),
      ...again.map(([name, numbers, end]) => line(name, numbers, end, full)),
      scale(full),
      ...(other !== null && layer > 1 ? [element("p", "", "The same token at two places: its embedding is the same, and no longer is what the layers made of it.")] : []),
    ];
  }

  const dot = (a, b) => a.reduce((sum, one, i) => sum + one * b[i], 0);
  const cosine = (a, b) => dot(a, b) / (orrery.lengthOf(a) * orrery.lengthOf(b));

  const normed = (before, after, said) => ({ own, width }) => [
    line("before", own[before], length(own[before])),
    line("after", own[after], length(own[after])),
    element("p", "", `Root of the mean square before: ${signed(orrery.lengthOf(own[before]) / Math.sqrt(width))}. ${said}`),
    element("p", "", "Each strip has a scale of its own here: the pattern stays, the size goes."),
  ];

  function qkv(facts) {
    const { labels, token, values, keys } = facts, at = `turned, place ${token + 1}`;
    return lines(
      [["query of ", code(labels[token])], mine(facts, "query", 0), "what it looks for"],
      [at, mine(facts, "query", 1)],
      [["key of ", code(labels[token])], mine(facts, "key"), "what it offers"],
      [at, keys[token]],
      [["value of ", code(labels[token])], values[token], "what it hands on"]
    );
  }

  function scores(facts, panel) {
    const { labels, token, key, row, headWidth, keys } = facts;
    const shown = Math.min(key, token), query = mine(facts, "query", 1);
    const terms = query.map((one, i) => one * keys[shown][i]), sum = row[shown][0] * Math.sqrt(headWidth);
    return [side(
      orrery.wayMatrix(panel, "scores"),
      element(
        "div", "", head(code(labels[token]), " asks, ", code(labels[shown]), " answers"),
        ...lines(["query, turned", query], ["key, turned", keys[shown]]), line("product", terms, `sum ${signed(sum)}`),
        element("p", "way-sum", `${signed(sum)} / \u221a${headWidth} = ${signed(sum)} / ${Math.sqrt(headWidth).toFixed(2)} = `, element("b", "", signed(row[shown][0]))),
        element("p", "", "Pick another key in the map, or with the arrow keys there. ", opened(facts, shown))
      )
    )];
  }

  function opened({ layer, head: at, token, sentence }, key) {
    const link = element("a", "", "Change this cell and run on");
    link.href = orrery.addressOf("attention-cell", { text: sentence, cell: `${layer}.${at} ${token + 1}.${key + 1}` });
    return link;
  }

  function mask({ labels, token, row }, panel) {
    const after = labels.length - token - 1;
    return [side(
      orrery.wayMatrix(panel, "mask"),
      element(
        "div", "", head("The row of ", code(labels[token]), readout()),
        element("p", "", `${token + 1} ${token ? "scores stay" : "score stays"}, from ${signed(Math.min(...row.map(([one]) => one)))} to ${signed(Math.max(...row.map(([one]) => one)))}; ${after || "none"} became \u2212\u221e.`),
        element("p", "", "Of the map, all above the diagonal goes. So the whole sentence can be read at once, and still no token knows what follows it: the model is trained on every token of a text together.")
      )
    )];
  }

  function softmax(facts, panel) {
    const { labels, row, token } = facts, most = Math.max(...row.map(([score]) => score));
    const order = row.map((_, i) => i).sort((a, b) => row[b][1] - row[a][1] || a - b).slice(0, 5);
    const whole = row.reduce((sum, [score]) => sum + Math.exp(score - most), 0);
    const bars = order.map((i) => orrery.bar(labels[i], [[row[i][1], "kept"]], {
      value: `${percent(row[i][1])}\u00a0%`, remark: `e^${signed(row[i][0] - most)} = ${Math.exp(row[i][0] - most).toFixed(4)}`, kind: i === order[0] ? "hit" : "",
    }));
    return [side(
      orrery.wayMatrix(panel, "softmax"),
      element(
        "div", "way-weights", head("The row of ", code(labels[token]), readout()), ...bars,
        element("p", "", `Each is e to its score, less the largest, ${signed(most)}; divided by the sum of all ${row.length}, ${whole.toFixed(4)}.`)
      )
    )];
  }

  function mixed(facts) {
    const { labels, row, values, layer, head: at } = facts, sum = mine(facts, "mixed");
    const order = row.map((_, i) => i).sort((a, b) => row[b][1] - row[a][1] || a - b).slice(0, 3);
    const rest = row.length - order.length, full = orrery.fullAt(sum, values[order[0]]);
    return [
      ...order.map((i) => line([`${percent(row[i][1])}\u00a0% of `, code(labels[i])], values[i], length(values[i]), full)),
      ...(rest > 0 ? [element("p", "", `and ${rest} more, ${percent(order.reduce((left, i) => left - row[i][1], 1))}\u00a0% together`)] : []),
      line("their sum", sum, length(sum), full), scale(full),
      element("p", "", `That is where layer ${layer}, head ${at} mixes from; whether it matters shows when it is taken away.`),
    ];
  }

  function output({ own, heads, head: at }) {
    const all = rows(own.mixed, heads), full = orrery.fullAt(own.mixed);
    return [
      ...all.map((one, i) => line(i === at - 1 ? [element("b", "", `head ${i + 1}`)] : `head ${i + 1}`, one, length(one), full)),
      scale(full), line("times the matrix", own.attended, length(own.attended)),
    ];
  }

  const added = (before, what, called, after) => ({ own }) => lines(
    ["stream before", own[before], length(own[before])], [`+ ${called}`, own[what], length(own[what])],
    ["= stream", own[after], length(own[after])]
  );

  const NEURONS = 4; // as many as the screen has room for

  function neurons({ own, strongest }) {
    const widest = Math.max(...strongest.map(([, value]) => Math.abs(value)));
    const bars = strongest.slice(0, NEURONS).map(([one, value, adds, raises]) => {
      const tokens = raises.flatMap(([label, logit]) => [code(label), ` +${signed(logit, 1)} `]);
      const row = orrery.bar(`no. ${one + 1}`, [[Math.abs(value), value < 0 ? "less" : "more"]], {
        widest, value: signed(value), remark: "",
      });
      row.querySelector(".remark").append(...tokens);
      row.title = `adds ${adds.toFixed(2)} to the stream, in length`;
      return row;
    });
    return [
      line(`all ${number.format(own.neurons.length)}`, own.neurons, `length ${signed(orrery.lengthOf(own.thought))}`),
      element(
        "div", "way-weights way-neurons", head("The strongest, by value, and the tokens that each raises most", readout()), ...bars,
        element("p", "", "Raised: the row that it adds, by the last norm's scale and the embeddings, in logits above the mean; without later layers.")
      ),
    ];
  }

  const PARTS = {
    tokens, embedding, stream, qkv, scores, mask, softmax, mixed, output, neurons,
    norm: normed("stream", "normed", "Pre-norm: the norm stands before what reads the stream, and the stream itself passes by unchanged."),
    again: normed("between", "normed_again", "The feed-forward has a norm of its own."),
    sum: added("stream", "attended", "attention", "between"),
    sum2: added("between", "thought", "neurons", "after"),
    layers: (facts, panel) => orrery.wayGrowth(facts, panel),
    logits: (facts) => orrery.wayLogits(facts),
    choice: (facts, panel) => orrery.wayChoice(facts, panel),
  };
}
