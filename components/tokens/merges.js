// Merges replayed: the dial tells how many the tokenizer knows, without a request.
{
  const { element, number, percent, signed } = orrery;
  const DIAL = "#tokens-merges-merges input";

  orrery.widget("replay", (part, value) => {
    part.value = value;
    show(part, value.limit);
  });

  function show(part, limit) {
    const { value } = part;
    part.limit = limit;
    const chosen = value.words[value.chosen];
    document.getElementById("tokens-merges-merges")?.toggleAttribute("inert", !value.learned); // nothing to count
    part.replaceChildren(
      said(value, limit), whole(value, limit),
      ...(value.learned ? [moves(value, limit), steps(value, chosen, limit)] : value.ways ? ways(value) : matches(value, chosen))
    );
  }

  // The tokens of a word once so many merges are known. Ranks never fall on the way.
  function cut([, letters, merges, pieces], limit) {
    if (!letters.length) return pieces.map(([token]) => token);
    const tokens = [...letters];
    for (const [rank, place, token] of merges) {
      if (rank > limit) break;
      tokens.splice(place, 2, token);
    }
    return tokens;
  }

  function said({ words, size, learned, bytes }, limit) {
    const tokens = words.reduce((sum, word) => sum + cut(word, limit).length, 0);
    const known = learned ? `${number.format(limit)} of ${number.format(learned)} merges: ` : "";
    const vocabulary = learned ? `A vocabulary of ${number.format(size + limit)}.` : `A vocabulary of ${number.format(size)}.`;
    return element("p", "cell-about", element("b", "", `${known}${number.format(tokens)} tokens`),
      `, ${(bytes / Math.max(1, tokens)).toFixed(1)} bytes each. ${vocabulary} Pick a word to see how it is put together.`);
  }

  function label({ labels }, token) {
    return orrery.spelled(labels[token] ?? []);
  }

  // Every word of the text is a button, its tokens side by side.
  function whole(value, limit) {
    let colour = 0;
    return element("div", "recut pieces", ...value.words.map((word, place) => {
      const made = element("button", place === value.chosen ? "on" : "", ...cut(word, limit).map((token) => element("span", `c${colour++ % 4}`, ...label(value, token))));
      made.type = "button";
      made.dataset.inputs = JSON.stringify({ word: place + 1 });
      made.setAttribute("aria-pressed", place === value.chosen);
      return made;
    }));
  }

  function moves({ words, chosen, learned }, limit) {
    const ranks = words[chosen][2].map(([rank]) => rank);
    const on = ranks.find((rank) => rank > limit), back = ranks.findLast((rank) => rank <= limit);
    const button = (text, to, kind = "") => {
      const made = element("button", kind, text);
      made.type = "button";
      made.disabled = to === undefined;
      made.dataset.limit = to ?? "";
      return made;
    };
    return element("div", "stepper-moves",
      button("Step", on, "step-on"), button("Back", back === undefined ? undefined : back - 1),
      button("Letters", limit ? 0 : undefined), button("All merges", limit < learned ? learned : undefined));
  }

  // A row for the letters and one for every merge of the chosen word; greyed where it is not known yet.
  function steps(value, [, letters, merges], limit) {
    let tokens = [...letters];
    const row = (made, text, kind) => element("li", kind, element("span", "pieces", ...tokens.map((token, i) =>
      element("span", i === made ? "hit" : "", ...label(value, token)))), element("small", "", text));
    const rows = [row(-1, letters.length === 1 ? "one token from the start" : `${letters.length} to begin with`, "")];
    for (const [rank, place, token] of merges) {
      tokens = tokens.toSpliced(place, 2, token);
      const count = value.counts[rank];
      const seen = count ? `, seen ${number.format(count)} times` : "";
      rows.push(row(place, `merge ${number.format(rank)}${seen}`, rank > limit ? "later" : ""));
    }
    return element("ol", "merge-steps", ...rows);
  }

  // WordPiece: what was tried at every place, from the rest of the word down to a piece.
  function matches(value, [word, , , pieces]) {
    const letters = [...word];
    const rows = pieces.map(([token, start, end]) => {
      const longer = letters.length - end;
      const tried = longer ? `${letters.slice(start).join("")} is no piece` + (longer > 1 ? `, nor are ${longer - 1} shorter ones` : "") : "what is left is a piece";
      return element("li", "", element("span", "pieces", element("span", "done", letters.slice(0, start).join("")), element("span", "hit", ...label(value, token)), element("span", "rest", letters.slice(end).join(""))), element("small", "", tried));
    });
    return [element("ol", "merge-steps", ...rows)];
  }

  // Unigram: every piece at its place with its probability, the best cut marked, and the cuts by rank.
  function ways({ words, chosen, ways: { arcs, paths, draws, cuts }, ...value }) {
    const letters = [...words[chosen][0]];
    const best = new Set(paths[0][0]);
    const lanes = [];
    const chips = arcs.map(([start, end, token, score], i) => {
      let lane = lanes.findIndex((until) => until <= start);
      if (lane < 0) lane = lanes.push(0) - 1;
      lanes[lane] = end;
      const chip = element("span", `piece${best.has(i) ? " best" : ""}`, element("span", "", ...label(value, token)), element("small", "", signed(score, 1)));
      Object.assign(chip.style, { gridColumn: `${start + 1} / span ${end - start}`, gridRow: lane + 2 });
      chip.style.setProperty("--strength", "0%");
      return chip;
    });
    const grid = element("div", "word-pieces", ...letters.map((letter) => element("b", "", letter.trim() ? letter : "·")), ...chips);
    grid.style.setProperty("--letters", letters.length);
    const list = (title, some, about) => element("div", "", element("h2", "", title), element("p", "", about), element("ol", "", ...some.map(([numbers, share]) =>
      element("li", "", element("code", "", numbers.map((n) => (value.labels[arcs[n][2]] ?? []).map(([text]) => text).join("")).join(" | ")), ` ${percent(share)} %`))));
    return [
      element("div", "scroll", grid),
      element("div", "cuts", list("The best cuts", paths, `Of ${number.format(cuts)} ways. A piece has the logarithm of its probability; the largest sum is taken.`),
        list("Drawn", draws, "Five cuts by chance, flattened: so a model is trained on many cuts of one word.")),
    ];
  }

  const box = () => document.querySelector("#tokens-merges-merges input[type=number]");

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".replay [data-limit]");
    if (!button || button.dataset.limit === "") return;
    const part = button.closest(".replay");
    const kind = button.textContent;
    orrery.type(box(), button.dataset.limit);
    show(part, Number(button.dataset.limit));
    [...part.querySelectorAll("[data-limit]")].find((one) => one.textContent === kind)?.focus();
  });

  document.addEventListener("input", (event) => {
    const dial = orrery.at(event, DIAL);
    const part = document.querySelector("#tokens-merges-view .replay");
    if (dial && part?.value && dial.value !== "") show(part, Math.min(part.value.learned, Number(dial.value)));
  });
}
