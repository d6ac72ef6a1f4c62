// The stops of a token's way in order, each with a sentence that says what happens there in numbers.
{
  const { percent, number, signed } = orrery;
  const length = (row) => Math.sqrt(row.reduce((sum, one) => sum + one * one, 0));
  const code = (label) => orrery.element("code", "", label);
  const plural = (count, what) => `${number.format(count)} ${what}${count === 1 ? "" : "s"}`;

  orrery.lengthOf = length;

  // name, title, and the sentence as parts. of: the facts; own: the vectors of the followed token.
  const STOPS = [
    ["tokens", "Tokens", ({ labels, ids, token }) => [
      `The sentence becomes ${plural(labels.length, "token")}, and each a number. `, code(labels[token]), ` is number ${ids[token]}; its way is followed.`,
    ]],
    ["embedding", "Embedding", ({ labels, ids, token, width, growth }) => [
      `Row ${ids[token]} of a table: ${width} learned numbers for `, code(labels[token]),
      `, of length ${signed(growth[0])}. Where the token stands is not in them.`,
    ]],
    ["stream", "Stream", ({ layer, growth }) => [
      layer === 1 ? "The residual stream begins as the embedding; every layer adds to it. This is what layer 1 is given."
        : `What layer ${layer} is given: the embedding and all that ${layer === 2 ? "layer 1" : `layers 1 to ${layer - 1}`} added, of length ${signed(growth[0])} \u2192 ${signed(growth[layer - 1])}.`,
    ]],
    ["norm", "Norm", ({ own, width }) => [
      `Every number is divided by the root of their mean square, ${signed(length(own.stream) / Math.sqrt(width))}, and multiplied by a learned one. The layer reads this; the stream itself goes on as it is.`,
    ]],
    ["qkv", "Query, key, value", ({ labels, token, head, headWidth }) => [
      `Three matrices make ${headWidth} numbers each for head ${head}: a query, a key and a value. Query and key are then turned by the token's place, ${token + 1}: now they know where `, code(labels[token]), " stands.",
    ]],
    ["scores", "Scores", ({ labels, token, key, row, headWidth }) => [
      "The query of ", code(labels[token]), " times every key, added up and divided by ", `\u221a${headWidth}`,
      ...(key <= token ? [": ", `${signed(row[key][0])} with `, code(labels[key]), "."] : ["."]),
    ]],
    ["mask", "Mask", ({ labels, token }) => [
      labels.length - token - 1 ? `${plural(labels.length - token - 1, "token")} after ` : "Nothing stands after ", code(labels[token]),
      labels.length - token - 1 ? `: ${labels.length - token === 2 ? "its score becomes" : "their scores become"} \u2212\u221e, so that no token reads what it is to predict.`
        : ", so nothing is hidden from it; every earlier token has its later ones hidden.",
    ]],
    ["softmax", "Softmax", ({ labels, token, row, best, sinks, head }) => [
      `Scores become weights that sum to 1: ${percent(row[best][1])}\u00a0% for `, code(labels[best]),
      ...(best === 0 && token > 0 && sinks[head - 1] ? [". This head rests on the first token where it finds nothing: a sink."]
        : [`. From there `, code(labels[token]), " takes what it mixes."]),
    ]],
    ["mixed", "Mixed values", ({ labels, row, best, own, head, heads }) => [
      `Every value times its weight, added up: mostly that of `, code(labels[best]), ` (${percent(row[best][1])}\u00a0%). The sum has length ${signed(length(orrery.rows(own.mixed, heads)[head - 1]))}.`,
    ]],
    ["output", "Output", ({ heads, headWidth, width, own }) => [
      `The ${heads} heads, ${heads} \u00d7 ${headWidth} numbers side by side, times a matrix: ${width} numbers of length ${signed(length(own.attended))}, what attention has to say.`,
    ]],
    ["sum", "Sum", ({ own }) => [
      `That is added to the stream, which had passed by: length ${signed(length(own.stream))} \u2192 ${signed(length(own.between))}.`,
    ]],
    ["again", "Norm again", ({ own, width }) => [
      `Normed once more, by ${signed(length(own.between) / Math.sqrt(width))}, for the feed-forward. No token sees another from here on.`,
    ]],
    ["neurons", "Neurons", ({ own, strongest: [[first, value]] }) => [
      `${number.format(own.neurons.length)} neurons read these numbers; each, silu(gate) \u00d7 sum, adds that much of a row of its own to the stream. Neuron ${first + 1} answers most, with ${signed(value)}; ${percent(own.neurons.filter((one) => Math.abs(one) < 0.1).length / own.neurons.length)}\u00a0% stay within \u00b10.1.`,
    ]],
    ["sum2", "Sum again", ({ own, layer }) => [
      `What they add has length ${signed(length(own.thought))}: the stream leaves layer ${layer} with ${signed(length(own.after))}.`,
    ]],
    ["layers", "All layers", ({ layers, growth }) => [
      `The same in each of ${layers} layers. Nothing norms the stream itself, so it grows: length ${signed(growth[0])} \u2192 ${signed(growth[layers])}.`,
    ]],
    ["logits", "Logits", ({ names, order, logits, width }) => [
      `One last norm; then its ${width} numbers times the embedding of each of ${number.format(logits.length)} tokens. The best match is `, code(names[0]), ` with ${signed(logits[order[0]])}.`,
    ]],
    ["choice", "Choice", ({ names, chances, temperature, labels, token }) => [
      ...(temperature ? [`Softmax over the whole vocabulary, at temperature ${temperature}: `] : ["Temperature 0 takes the first: "]),
      code(names[0]), ` follows `, code(labels[token]), ` with ${percent(chances[0])}\u00a0%.`,
    ]],
  ];

  orrery.wayStops = STOPS.map(([name, title, said]) => ({ name, title, said }));
}
