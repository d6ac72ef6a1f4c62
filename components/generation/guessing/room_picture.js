// A round of a room: how it stands, and once the letter is out, what everybody had bet.
{
  const { element } = orrery;
  const SHOWN = 5; // guesses of the room

  const people = (count) => count === 1 ? "1 guess" : `${orrery.number.format(count)} guesses`;

  // In a sentence. here: how many are in the room, where that is known.
  orrery.roomState = ({ open, letters, round, guessed }, here) => {
    if (!letters) return "The game is about to begin.";
    const present = here === undefined ? "" : `${orrery.number.format(here)} here. `;
    const place = `Letter ${open ? round + 1 : round} of ${letters}. `;
    return open ? `${place}${present}${people(guessed)} so far.` : `${place}${present}${round === letters ? "The text is done." : ""}`;
  };

  orrery.roomPicture = ({ given, found, letters, open, last, bits }) => {
    const parts = [orrery.guessText(given, found, !open || !letters)];
    if (last && !open) parts.push(sides(last));
    if (bits.length) parts.push(totals(bits));
    return parts;
  };

  function sides({ symbol, people: count, guesses, room, models }) {
    const shares = guesses.slice(0, SHOWN).map(([one, times]) => [one, times / count]);
    const right = guesses.find(([one]) => one === symbol)?.[1] ?? 0;
    const said = count ? `${right} of ${people(count)}: ${orrery.bitsOf(room)} bits` : "Nobody has guessed.";
    return element("div", "sides",
      orrery.bets("The room", shares, symbol, count ? right / count : 0, said),
      ...models.map(({ title, best, chance }) => orrery.bets(title, best, symbol, chance, `${orrery.bitsOf(chance)} bits`)));
  }

  // Bits a letter so far.
  function totals(bits) {
    const widest = Math.max(...bits.map(([, value]) => value));
    const rows = bits.map(([title, value], i) => orrery.bar(title, [[value, "kept"]], {
      widest, value: value.toFixed(2), kind: i ? "" : "hit", tag: "li",
    }));
    return element("section", "side totals", element("h3", "", "Bits a letter so far: fewer are better"), element("ol", "", ...rows));
  }
}
