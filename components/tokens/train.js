// Merges being learned: the most frequent pair becomes a token, by Step or by itself.
{
  const { bar, element, number } = orrery;
  const EVERY = 700; // ms from merge to merge while it plays
  const NEWEST = 8;

  orrery.widget("learned", (part, value) => {
    stop(part);
    part.value = value;
    show(part, value.shown);
  });

  const box = () => document.querySelector("#tokens-train-shown input");

  function show(part, shown) {
    const { value } = part;
    part.shown = shown;
    const pairs = element("div", "bars", ...ahead(value, shown));
    const made = element("div", "", element("h2", "", "Made so far"), newest(value, shown));
    part.replaceChildren(
      said(value, shown), moves(part, value, shown), element("div", "learning", pairs, made),
      element("div", "recut pieces", ...recut(value, shown)), file()
    );
  }

  function label({ labels }, ...tokens) {
    return tokens.flatMap((token) => labels[token].map(([text, symbol]) => symbol ? element("i", "", text) : text));
  }

  function said({ steps, tokens, alphabet, bytes, ours }, shown) {
    const now = shown ? steps[shown - 1][2] : tokens;
    const made = new Set(steps.slice(0, shown).map(([token]) => token)).size;
    return element("p", "cell-about", element("b", "", `${number.format(shown)} of ${number.format(steps.length)} merges: ${number.format(now)} tokens`),
      `, ${(bytes / now).toFixed(1)} bytes each, from a vocabulary of ${number.format(alphabet + made)}. Our byte-level BPE, of 3,839 merges: ${number.format(ours)}.`);
  }

  // What is merged next, and what it is chosen from.
  function ahead(value, shown) {
    const heading = element("h2", "", "Side by side most often");
    const step = value.steps[shown];
    if (!step) return [heading, element("p", "", "All merges that were asked for are made, or no two tokens of a word are left.")];
    const [, pairs] = step;
    const [[, , most]] = pairs;
    const ties = pairs.filter(([, , count]) => count === most).length;
    const tie = ties > 1 ? ` ${ties === pairs.length ? "These" : ["", "", "Two", "Three", "Four", "Five"][ties]} stand equally often: the one of older tokens comes first.` : "";
    return [heading, element("p", "", `The first is merged next.${tie}`), element("ol", "", ...pairs.map(([left, right, count], i) =>
      element("li", "", bar(element("span", "", ...label(value, left), " + ", ...label(value, right)), [[count, i ? "kept" : "kept"]],
        { widest: most, value: `${number.format(count)} \u00d7`, kind: i ? "" : "hit" }))))];
  }

  function newest(value, shown) {
    const rows = value.steps.slice(Math.max(0, shown - NEWEST), shown).map(([token, [[left, right, count]]], i, all) => {
      const rank = shown - all.length + i + 1;
      return element("li", "", element("small", "", `${rank}`), element("code", "", ...label(value, left), " + ", ...label(value, right), " → ", element("b", "", ...label(value, token))), element("small", "", `${number.format(count)} \u00d7`));
    });
    return element("ol", "newest", ...(rows.length ? rows.reverse() : [element("li", "", "Nothing yet: every letter is a token.")]));
  }

  function recut({ words, steps, ...value }, shown) {
    let colour = 0;
    const fresh = shown ? steps[shown - 1][0] : -1;
    return words.map(([, letters, merges]) => {
      const tokens = [...letters];
      for (const [rank, place, token] of merges) {
        if (rank > shown) break;
        tokens.splice(place, 2, token);
      }
      return element("span", "word", ...tokens.map((token) => element("span", `c${colour++ % 4}${token === fresh ? " fresh" : ""}`, ...label(value, token))));
    });
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

  function file() {
    const save = element("button", "save-file", "Save as tokenizer.json");
    save.type = "button";
    return save;
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
    if (button.matches(".play")) play(part);
    else if (button.dataset.shown !== "") {
      stop(part);
      to(part, Number(button.dataset.shown));
    }
    [...part.querySelectorAll(".stepper-moves button")].find((one) => one.textContent === kind)?.focus();
  });
}
