// Merges being learned: the most frequent pair becomes a token, by Step or by itself. Of Unigram,
// whose pieces become fewer, thinned.js shows the rounds.
{
  const { bar, element, number } = orrery;
  const EVERY = 700; // ms from merge to merge while it plays
  const NEWEST = 4;
  const WHOLE = ["wordpiece", "unigram"]; // a word is cut anew, whatever it was before
  const NONE = -2; // no token; -1 is unknown

  orrery.widget("learned", (part, value) => {
    stop(part);
    Object.assign(part, { value, refused: undefined });
    show(part, value.shown);
  });

  const box = () => document.querySelector("#tokens-train-shown input");

  function show(part, shown) {
    const { value } = part;
    part.shown = shown;
    const spelled = (token) => label(value, token), { thinned } = orrery, rounds = value.kind === "unigram";
    const pairs = element("div", "bars", ...(rounds ? thinned.ahead(value, shown, spelled) : ahead(value, shown)));
    const made = element("div", "", ...(rounds ? thinned.best(value, shown, spelled) : [element("h2", "", "Made so far"), newest(value, shown)]), compared(value, shown));
    part.replaceChildren(
      rounds ? thinned.said(value, shown, tokensNow(value, shown)) : said(value, shown), moves(part, value, shown), element("div", "learning", pairs, made),
      element("div", "recut pieces", ...recut(value, shown)), uses(part)
    );
  }

  function label({ labels }, token) {
    return token < 0 ? [element("i", "", "unknown")] : orrery.spelled(labels[token]);
  }

  // With the mark of a piece that never begins a word.
  const marked = (value, token) => [...(value.inside.includes(token) ? [element("i", "", "##")] : []), ...label(value, token)];

  const tokensNow = ({ steps, tokens }, shown) => shown ? steps[shown - 1][2] : tokens;

  function said(value, shown) {
    const { steps, alphabet, text: { bytes } } = value;
    const now = tokensNow(value, shown);
    const made = new Set(steps.slice(0, shown).map(([token]) => token)).size;
    return element("p", "cell-about", element("b", "", `${number.format(shown)} of ${number.format(steps.length)} merges: ${number.format(now)} tokens`),
      `, ${(bytes / now).toFixed(1)} bytes each, from a vocabulary of ${number.format(alphabet + made)}.`);
  }

  // What is merged next, and what it is chosen from.
  function ahead(value, shown) {
    const scored = value.kind === "wordpiece";
    const heading = element("h2", "", scored ? "Together more often than by chance" : "Side by side most often");
    const step = value.steps[shown];
    if (!step) return [heading, element("p", "", "All merges that were asked for are made, or no two tokens of a word are left.")];
    const [, pairs] = step;
    const most = worth(pairs[0]);
    const ties = pairs.filter((pair) => worth(pair) === most).length;
    const tie = ties > 1 ? ` ${ties === pairs.length ? "These" : ["", "", "Two", "Three", "Four", "Five"][ties]} ${scored ? "score the same" : "stand equally often"}: the one of older tokens comes first.` : "";
    const about = scored ? "Times together / (times of one \u00b7 of the other)." : "The first is merged next.";
    return [heading, element("p", "", `${about}${tie}`), element("ol", scored ? "scored" : "", ...pairs.map((pair, i) =>
      element("li", "", bar(element("span", "", ...marked(value, pair[0]), " + ", ...marked(value, pair[1])), [[worth(pair), "kept"]],
        { widest: most, value: counts(pair), kind: i ? "" : "hit" }))))];
  }

  const worth = ([, , count, left = 1, right = 1]) => count / (left * right);

  function counts([, , count, left, right]) {
    const [times, ...parts] = [count, left, right].map((one) => number.format(one ?? 0));
    return left === undefined ? `${times} \u00d7` : `${times} / (${parts.join(" \u00b7 ")})`;
  }

  function newest(value, shown) {
    const rows = value.steps.slice(Math.max(0, shown - NEWEST), shown).map(([token, [[left, right, count]]], i, all) => {
      const rank = shown - all.length + i + 1;
      return element("li", "", element("small", "", `${rank}`), element("code", "", ...marked(value, left), " + ", ...marked(value, right), " → ", element("b", "", ...marked(value, token))), element("small", "", `${number.format(count)} \u00d7`));
    });
    return element("ol", "newest", ...(rows.length ? rows.reverse() : [element("li", "", "Nothing yet: every letter is a token.")]));
  }

  function recut({ words, steps, ...value }, shown) {
    let colour = 0;
    const fresh = shown ? steps[shown - 1][0] : NONE;
    return words.map((word) => {
      const tokens = WHOLE.includes(value.kind) ? word.findLast(([rank]) => rank <= shown)[1] : merged(word, shown);
      return element("span", "word", ...tokens.map((token) => element("span", `c${colour++ % 4}${token === fresh ? " fresh" : ""}`, ...label(value, token))));
    });
  }

  function merged([letters, merges], shown) {
    const tokens = [...letters];
    for (const [rank, place, token] of merges) {
      if (rank > shown) break;
      tokens.splice(place, 2, token);
    }
    return tokens;
  }

  function moves(part, { steps }, shown) {
    const button = (text, to, kind = "") => {
      const made = element("button", kind, text);
      made.type = "button";
      made.disabled = to === undefined;
      made.dataset.shown = to ?? "";
      return made;
    };
    const more = shown < steps.length;
    const play = element("button", "play", part.timer ? "Pause" : "Play");
    play.type = "button";
    play.disabled = !more;
    return element("div", "stepper-moves", button("Step", more ? shown + 1 : undefined, "step-on"), button("Back", shown ? shown - 1 : undefined), play,
      button("Start", shown ? 0 : undefined), button("All", more ? steps.length : undefined));
  }

  // Yours and ours on the text that was learned from and on another: few tokens on the first are no merit.
  function compared(value, shown) {
    const { text, unseen, ours, kind } = value;
    const pieces = WHOLE.includes(kind), size = kind === "unigram" ? `${number.format(value.rounds[shown][0])} pieces` : `${number.format(shown)} merges`;
    const texts = [["This text", text, tokensNow(value, shown)]];
    if (unseen) texts.push(["The other text", unseen.text, unseen.tokens[shown]]);
    const cell = ({ bytes, words }, tokens) => element("td", "", (tokens / words).toFixed(2), element("small", "", ` ${(bytes / tokens).toFixed(2)} bytes each`));
    const rows = [["Yours", size, ([, measured, tokens]) => cell(measured, tokens)], ["Ours", `${number.format(ours)} ${pieces ? "pieces" : "merges"}`, ([, measured]) => cell(measured, measured.ours)]]
      .map(([whose, many, figures]) => element("tr", "", element("th", "", whose, element("small", "", ` ${many}`)), ...texts.map(figures)));
    const lost = unseen?.unknown ? [element("p", "about", `Unknown in the other text: ${number.format(unseen.unknown)} ${{ wordpiece: "word", unigram: "place" }[kind] ?? "letter"}${unseen.unknown === 1 ? "" : "s"}.`)] : [];
    return element("section", "compared", element("h2", "", "Tokens a word, beside ours"), element("table", "",
      element("thead", "", element("tr", "", element("th", ""), ...texts.map(([label]) => element("th", "", label)))),
      element("tbody", "", ...rows)), ...lost);
  }

  // What can be done with it: taken away, or used in the other views of this tab.
  function uses(part) {
    const { name } = part.value;
    const used = orrery.trained("cut").find((one) => one.name === name);
    const button = (kind, label, disabled = false) => {
      const made = element("button", kind, label);
      made.type = "button";
      made.disabled = disabled;
      return made;
    };
    const note = element("p", "use-note", ...(used ? [`${used.title}: a choice in `, view("pieces", "Pieces"), ", ", view("merges", "Merges"), ", ", view("cost", "Cost"), " and ", view("vocabulary", "Vocabulary"), " and a row of ", view("duel", "Side by side"), ", until this tab is closed."]
      : [part.refused ?? (name ? "" : "Its letters are too many to be used in the other views; saved, it is whole.")]));
    note.setAttribute("aria-live", "polite");
    return element("div", "take-along", button("use", used ? "In use" : "Use it", !name || Boolean(used)), button("save-file", "Save as tokenizer.json"), note);
  }

  function view(key, title) {
    const link = element("a", "", title);
    link.href = orrery.addressOf(`tokens-${key}`, {});
    link.addEventListener("click", (event) => {
      const tab = document.getElementById(`tokens-${key}-tab-button`);
      if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      tab.click();
      scrollTo(0, 0);
    });
    return link;
  }

  // All of its merges, however many are shown.
  function use(part) {
    const { name } = part.value;
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const title = `${part.value.title}, ${time}`;
    part.refused = orrery.use({ name, title, can: ["cut"], until: Number.MAX_SAFE_INTEGER }) ? undefined
      : "This browser keeps nothing for a tab, so it cannot be used in the other views.";
    show(part, part.shown);
  }

  function to(part, shown) {
    orrery.type(box(), shown);
    show(part, shown);
  }

  function stop(part) {
    clearInterval(part.timer);
    part.timer = 0;
  }

  function play(part) {
    if (part.timer) stop(part);
    else {
      part.timer = setInterval(() => {
        const more = part.isConnected && part.shown < part.value.steps.length;
        if (!more) stop(part);
        if (part.isConnected) to(part, Math.min(part.shown + 1, part.value.steps.length));
      }, EVERY);
    }
    show(part, part.shown);
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, "[data-widget=learned] button");
    if (!button) return;
    const part = button.closest("[data-widget=learned]");
    const kind = button.textContent;
    if (button.matches(".save-file")) {
      const text = JSON.stringify(part.value.file, null, 1);
      orrery.saveAs("tokenizer.json", new Blob([text], { type: "application/json" }));
      return;
    }
    if (button.matches(".use")) {
      use(part);
      part.querySelector(".use-note a")?.focus();
      return;
    }
    if (button.matches(".play")) play(part);
    else if (button.dataset.shown !== "") {
      stop(part);
      to(part, Number(button.dataset.shown));
    }
    [...part.querySelectorAll(".stepper-moves button")].find((one) => one.textContent === kind)?.focus();
  });
}
