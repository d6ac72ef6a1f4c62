// What the game shows, alone and in a room: the text so far, the keys, and everybody's bets.
{
  const { element } = orrery;
  const SYMBOLS = "abcdefghijklmnopqrstuvwxyz ."; // as inference/text/symbols.py has them
  const OTHER = SYMBOLS.length - 1;

  orrery.symbol = (number) => number === OTHER ? "other" : number === OTHER - 1 ? "\u2423" : SYMBOLS[number];
  const spoken = (number) => number === OTHER ? "any other sign" : number === OTHER - 1 ? "space" : SYMBOLS[number];

  // The symbol of a key that was pressed, or -1.
  orrery.symbolOf = ({ key }) => {
    if (key.length !== 1) return -1;
    const found = SYMBOLS.indexOf(key.toLowerCase());
    return found < 0 ? OTHER : found;
  };
  orrery.letterOf = (number) => SYMBOLS[number];

  // The text: what was given, what is found, and the place of the next letter, unless it is done.
  orrery.guessText = (given, found, done) => {
    const parts = [element("span", "given", given), element("b", "", found)];
    if (!done) parts.push(element("u", "", "\u00a0"));
    const text = element("p", "guess-text", ...parts);
    text.setAttribute("aria-label", `${given}${found}${done ? "" : ", and then?"}`);
    return text;
  };

  // Keys for all symbols. tried: those that were wrong. press(number).
  orrery.keys = (tried, press) => {
    const keys = [...SYMBOLS].map((_, number) => {
      const key = element("button", number > 25 ? "wide" : "", number === OTHER ? "other sign" : number > 25 ? spoken(number) : orrery.symbol(number));
      key.type = "button";
      key.disabled = tried.has(number);
      key.addEventListener("click", () => press(number));
      return key;
    });
    const pad = element("div", "keys", ...keys);
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", "Your guess");
    return pad;
  };

  // The bets of one side. pairs: [symbol, share]; came: the symbol that was right; chance: its own share;
  // reads: how a symbol reads.
  orrery.bets = (title, pairs, came, chance, said = "", reads = orrery.symbol) => {
    const listed = pairs.some(([one]) => one === came) ? pairs : [...pairs, [came, chance]];
    const rows = listed.map(([one, share]) => orrery.bar(reads(one), [[share, "kept"]], {
      value: `${orrery.percent(share)}\u00a0%`, kind: one === came ? "hit" : "", tag: "li",
    }));
    return element("section", "side", element("h3", "", title), element("ol", "", ...rows), ...said ? [element("p", "", said)] : []);
  };

  orrery.bitsOf = (chance) => (-Math.log2(Math.max(chance, 1e-12))).toFixed(1);
}
