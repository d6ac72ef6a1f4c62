// Unigram being learned: what Train one shows of a round, in which many pieces become fewer.
{
  const { bar, element, number, percent } = orrery;
  const several = (count, unit) => `${number.format(count)} ${unit}${count === 1 ? "" : "s"}`;
  const small = (bits) => bits < 0.005 ? "< 0.01" : bits.toFixed(2);

  function said({ rounds, steps, text: { bytes }, alphabet }, shown, tokens) {
    const [pieces, bits] = rounds[shown];
    return element("p", "cell-about", element("b", "", `Pruned ${number.format(shown)} of ${several(steps.length, "time")}: ${several(pieces, "piece")}`),
      ` (${number.format(alphabet)} are letters), ${several(tokens, "token")}, ${(bytes / tokens).toFixed(1)} bytes each, ${bits.at(-1).toFixed(3)} bits a character.`);
  }

  // What goes next, and how little is lost by each.
  function ahead({ rounds, steps }, shown, label) {
    const heading = element("h2", "", "Missed least");
    const [, bits, , pruned] = rounds[shown];
    const em = `EM took the bits a character from ${bits[0].toFixed(3)} to ${bits.at(-1).toFixed(3)}.`;
    if (!pruned.length) return [heading, element("p", "", `${em} As many pieces are left as were asked for, and all letters.`)];
    const widest = Math.max(...pruned.map(([, loss]) => loss), 0.01);
    return [heading, element("p", "", `${em} ${several(steps[shown][1], "piece")} ${steps[shown][1] === 1 ? "goes" : "go"} next; in bits, how much longer the text would be without each.`),
      element("ol", "", ...pruned.map(([token, loss]) => element("li", "", bar(element("span", "", ...label(token)), [[loss, "kept"]], { widest, value: small(loss) }))))];
  }

  function best({ rounds }, shown, label) {
    return [element("h2", "", "Most probable, in %"), element("ol", "newest", ...rounds[shown][2].map(([token, share]) =>
      element("li", "", element("code", "", element("b", "", ...label(token))), element("small", "", percent(share)))))];
  }

  orrery.thinned = { said, ahead, best };
}
