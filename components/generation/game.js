// The game for one person: played in the browser; the server is asked for the scores at the end.
{
  const { element } = orrery;
  const VIEW = "generation-game";
  const GIVEN_UP = -1; // among guesses, as analysis/texts/guessing.py has it
  let value = null; // the newest
  let played = []; // every guess in its order
  let picked = 0; // the letter whose bets are shown
  let told = "";

  orrery.widget("guessing", (panel, given) => {
    value = given;
    played = given.played;
    picked = telling(ranks()[0]);
    told = "";
    orrery.drawGame();
    takeOver(panel);
  });

  // A game that has begun takes the keyboard: Space would press again the button that began it.
  function takeOver(panel) {
    const view = document.getElementById(`${VIEW}-view`);
    if (!view?.contains(document.activeElement)) return;
    (panel.querySelector(".token-search input") ?? (panel.querySelector(".keys") && panel))?.focus({ preventScroll: true });
  }

  // The last letter that is found; of a whole game, the one that the models found hardest beside you.
  function telling(found) {
    if (found.length < value.symbols.length) return Math.max(0, found.length - 1);
    const harder = found.map((rank, i) => Math.min(...value.models.map(({ bets: all }) => all[i].rank)) / (rank || value.names.length));
    return harder.indexOf(Math.max(...harder));
  }

  orrery.gameText = () => value?.name;
  orrery.drawGame = () => document.querySelectorAll(`#${VIEW}-view .guessing`).forEach(draw);

  const reads = (number) => value.names.length ? value.names[number] : orrery.symbol(number);

  // At which guess each letter that is found was right, as analysis/texts/guessing.py counts.
  function ranks() {
    const found = [];
    let tried = new Set();
    for (const guess of played) {
      if (found.length === value.symbols.length) break;
      if (guess !== GIVEN_UP) tried.add(guess);
      if (guess !== GIVEN_UP && guess !== value.symbols[found.length]) continue;
      found.push(guess === GIVEN_UP ? 0 : tried.size);
      tried = new Set();
    }
    return [found, tried];
  }

  // What is drawn anew keeps the key that the keyboard stands on.
  function draw(panel) {
    const typing = orrery.at({ target: document.activeElement }, ".token-search, .found-tokens");
    const on = [...panel.querySelectorAll(".keys button:focus-visible")].map((key) => key.textContent);
    panel.tabIndex = -1;
    fill(panel);
    if (typing) return panel.querySelector(".token-search input")?.focus({ preventScroll: true });
    const key = on.length && [...panel.querySelectorAll(".keys button:enabled")].find((one) => one.textContent === on[0]);
    if (key) key.focus();
    else if (on.length) panel.focus({ preventScroll: true });
  }

  function fill(panel) {
    const room = orrery.roomPanel?.();
    if (room) return panel.replaceChildren(...room);
    const [found, tried] = ranks();
    const done = found.length === value.symbols.length;
    const parts = [orrery.guessText(value.given, value.parts.slice(0, found.length).join(""), done)];
    const said = element("p", "guess-told", told || sentence(found, done));
    said.setAttribute("aria-live", "polite");
    parts.push(said);
    if (!done) parts.push(...value.names.length ? orrery.tokenSearch(value.names, tried, guess, () => guess(GIVEN_UP)) : [orrery.keys(tried, guess)]);
    if (found.length) parts.push(strip(found), bets(found));
    if (done) parts.push(scores());
    panel.replaceChildren(...parts);
  }

  function sentence(found, done) {
    const first = found.filter((one) => one === 1).length;
    if (done) return verdict();
    if (!found.length) return value.names.length ? "What comes next? Type a word, or the beginning of one: a rare word is several tokens." : "What comes next? Press a key, or type it.";
    return `${found.length} of ${value.symbols.length} ${value.unit}s, ${first} at the first guess.`;
  }

  // The bounds of the person beside those of the model that did best by the same measure.
  function verdict() {
    const [you, ...models] = value.scores;
    const best = models.reduce((a, b) => ((b.upper - a.upper || b.bits - a.bits) < 0 ? b : a));
    return `All ${you.ranks.length} ${value.unit}s: ${you.first} at the first guess, ${between(you)} bits a ${value.unit} by the guesses. `
      + `${best.who}, by its own guesses: ${between(best)}, and ${best.bits.toFixed(2)} by its probabilities.`;
  }

  const between = ({ lower, upper }) => `${lower.toFixed(2)} to ${upper.toFixed(2)}`;

  function guess(number) {
    const [before, tried] = ranks();
    if (before.length === value.symbols.length || tried.has(number)) return;
    played = [...played, number];
    const [found] = ranks();
    const right = found.length > before.length;
    const bet = "The models had bet as below.";
    if (number === GIVEN_UP) told = `It was ${reads(value.symbols[before.length])}. ${bet}`;
    else told = right ? `${reads(number)} is right, at guess ${found.at(-1)}. ${bet}` : `${reads(number)} is wrong. Guess again.`;
    if (right) picked = found.length - 1;
    const text = `${value.heading}: ${value.names.length ? played.join(" ") : played.map(orrery.letterOf).join("")}`;
    if (found.length === value.symbols.length) return orrery.ask(VIEW, { played: text });
    orrery.type(document.querySelector(`#${VIEW}-played textarea, #${VIEW}-played input`), text);
    orrery.drawGame();
  }

  // ---- Every letter or token: at which guess you and each model had it

  function strip(found) {
    const names = element("div", "who", element("i", "", "\u00a0"), element("span", "", "You"), ...value.models.map(({ title }) => element("span", "", title)));
    const columns = found.map((rank, i) => {
      const cells = value.models.map(({ bets: all }) => cell(all[i].rank, all[i].chance));
      const column = element("button", i === picked ? "chosen" : "", element("i", "", value.parts[i].trim() || "\u2423"), element("span", "", rank ? String(rank) : "\u2013"), ...cells);
      column.type = "button";
      column.setAttribute("aria-pressed", String(i === picked));
      const told = value.models.map(({ title, bets: all }) => `${title} ${all[i].rank}`).join(", ");
      const own = rank ? `right at guess ${rank} of yours` : "given up by you";
      column.setAttribute("aria-label", `${capital(value.unit)} ${i + 1}, ${reads(value.symbols[i])}: ${own}, ${told}`);
      column.addEventListener("click", () => {
        picked = i;
        orrery.drawGame();
        document.querySelectorAll(`#${VIEW}-view .strip-of-letters button`)[i]?.focus();
      });
      return column;
    });
    const legend = element("p", "cell-about", "Which guess was right: yours, and that of every model in the order of its bets; the colour is the probability that it gave what came.");
    return element("section", "strip-of-guesses", element("div", "strip-of-letters", names, ...columns), legend);
  }

  const capital = (word) => word[0].toUpperCase() + word.slice(1);

  function cell(rank, chance) {
    return element("span", `t p${Math.min(9, Math.max(0, 9 - Math.floor(-Math.log2(Math.max(chance, 1e-9)))))}`, String(rank));
  }

  function bets(found) {
    const at = Math.min(picked, found.length - 1);
    const came = value.symbols[at];
    const shown = value.models.map(({ title, bets: all }) => orrery.bets(title, all[at].best, came, all[at].chance, `${orrery.bitsOf(all[at].chance)} bits`, reads));
    const heading = element("h2", "", `What they had bet on ${value.unit} ${at + 1}, ${reads(came)}`);
    const kind = value.names.length ? "sides wide-names" : "sides";
    return element("section", "bets-of-letter", heading, element("div", kind, ...shown));
  }

  function scores() {
    const heads = ["", "at the first guess", `bits a ${value.unit}, by the guesses alone`, "by the probabilities", "in all"];
    const head = element("tr", "", ...heads.map((text) => {
      const one = element("th", "", text);
      one.scope = "col";
      return one;
    }));
    const rows = value.scores.map(({ who, ranks: all, first, lower, upper, bits }) => {
      const name = element("th", "", who);
      name.scope = "row";
      return element("tr", "", name, element("td", "", `${first} of ${all.length}`), element("td", "", between({ lower, upper })), ...[bits, bits && bits * all.length].map((one, i) => element("td", "", bits === null ? "\u2013" : one.toFixed(2 - i))));
    });
    return element("table", "numbers", element("thead", "", head), element("tbody", "", ...rows));
  }

  // ---- Play begins at the first letter

  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, (event) => {
    if (!event.isTrusted || !orrery.at(event, `#${VIEW}-run`)) return;
    orrery.type(document.querySelector(`#${VIEW}-played textarea, #${VIEW}-played input`), "");
  }, true);

  // ---- The keyboard, while a game is on and in sight

  document.addEventListener("keydown", (event) => {
    if (!value || event.ctrlKey || event.altKey || event.metaKey || orrery.roomPanel?.()) return;
    const panel = document.querySelector(`#${VIEW}-view .guessing .keys`);
    if (!panel?.offsetParent || orrery.at(event, "input, textarea, select, dialog, [contenteditable], [role=tab]")) return;
    const pressed = event.key === " " && orrery.at(event, "button") ? -1 : orrery.symbolOf(event);
    if (pressed < 0) return;
    event.preventDefault();
    event.stopPropagation();
    guess(pressed);
  }, true);
}
