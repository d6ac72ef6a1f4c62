// The same text in every tokenizer, a strip of pieces for each. Point at a piece, or step through a
// strip with the arrow keys: what stands there is marked in all of them.
{
  const { element, number, percent, spelled } = orrery;
  const UNREAD = "While you type, no model reads along: both read this text when Compare is pressed.";
  const several = (count, unit) => `${number.format(count)} ${unit}${count === 1 ? "" : "s"}`;

  orrery.widget("strips", (part, { rows, models, most_own: most }) => {
    orrery.keepDrawn(part);
    mark(part, null);
    const same = part.firstChild && part.rows?.length === rows.length
      && rows.every(({ title, reason }, i) => title === part.rows[i].title && reason === part.rows[i].reason);
    Object.assign(part, { most, rows });
    if (!same) part.replaceChildren(...rows.map((row) => row.reason === undefined ? strip(row) : missing(row)), element("section"));
    rows.forEach((row, i) => row.reason === undefined && fill(part.children[i], row));
    part.lastChild.replaceWith(compared(models));
  });

  function missing({ title, reason }) {
    return element("div", "strip", element("h3", "", title), element("p", "facts", `not available: ${reason}`));
  }

  function strip({ title }) {
    const held = element("p", "pieces");
    held.tabIndex = 0;
    held.setAttribute("role", "group");
    held.setAttribute("aria-label", `The pieces of ${title}`);
    held.places = [];
    return element("div", "strip", element("h3", "", title), element("p", "facts"), held);
  }

  // A key changes a few pieces of thousands: those before and after them stay as they stand.
  function fill(strip, { figures, kinds, order, odd, unseen }) {
    const [, about, held] = strip.children, before = held.places;
    about.replaceWith(facts(figures));
    const names = kinds.map((kind) => JSON.stringify(kind));
    const shorter = Math.min(before.length, order.length);
    let head = 0, tail = 0;
    while (head < shorter && before[head].name === names[order[head]]) head += 1;
    while (tail < shorter - head && before.at(-1 - tail).name === names[order.at(-1 - tail)]) tail += 1;
    const fresh = order.slice(head, order.length - tail).map((kind) => ({ name: names[kind], kind: kinds[kind], made: piece(kinds[kind]) }));
    const rest = before.slice(before.length - tail);
    for (const { made } of before.slice(head, before.length - tail)) made.remove();
    held.querySelector(":scope > em")?.remove();
    if (tail) rest[0].made.before(...fresh.map(({ made }) => made));
    else held.append(...fresh.map(({ made }) => made));
    if (unseen) held.append(element("em", "", ` and ${number.format(unseen)} more`));
    held.places = [...before.slice(0, head), ...fresh, ...rest];
    place(held.places, new Set(odd));
  }

  const piece = ([text, , , known]) => element(known ? "span" : "s", "", ...spelled(text));

  // Where each stands in the text, in bytes, and its colours: both depend on all before it.
  function place(places, odd) {
    let at = 0, colour = 0;
    places.forEach((one, i) => {
      const [, bytes, unknown, known] = one.kind;
      const tint = known ? `c${colour++ % 4}` : "";
      const look = `${unknown ? "u" : tint}${odd.has(i) ? " odd" : ""}`;
      Object.assign(one, { start: at, end: at += bytes });
      if (look !== (one.look ?? "")) one.made.className = look;
      one.look = look;
    });
  }

  function facts({ tokens, bytes_per_token: each, tokens_per_word: fertility, unknown, lost }) {
    const parts = [several(tokens, "token"), ...(each ? [`${each.toFixed(2)} bytes each`] : []), ...(fertility ? [`${fertility.toFixed(2)} a word`] : [])];
    const culprits = Object.entries(lost).map(([what, count]) => what === "unknown" ? `${number.format(unknown)} unknown` : `${what} (${number.format(count)}\u00a0\u00d7)`);
    const back = culprits.length ? element("b", "lost", `loses ${culprits.join(", ")}`) : element("span", "", "gives the text back");
    return element("p", "facts", element("span", "", parts.join(" \u00b7 ")), back);
  }

  // Perplexity is per token, and these two have different tokens; a byte is a byte to both.
  function compared(models) {
    const [tokens, letters] = models;
    const cells = (found, unit) => found?.perplexity == null ? [element("td", "", found?.reason ? "\u2013" : "\u2026"), element("td", "", found?.reason ? "\u2013" : "\u2026")]
      : [element("td", "", found.perplexity.toFixed(found.perplexity < 10 ? 2 : 1), element("small", "", ` a ${unit}`)), element("td", "", found.per_byte.toFixed(2))];
    const heads = ["", "Perplexity", "Bits a byte", "Perplexity", "Bits a byte"].map((text) => element("th", "", text));
    const groups = [["", 1], ["Stories that neither has read", 2], ["This text", 2]].map(([text, columns]) => {
      const made = element("th", "", text);
      made.colSpan = columns;
      return made;
    });
    const rows = models.map(({ title, unit, held_out: stories, here }) => element("tr", "", element("th", "", title, element("small", "", ` over ${unit}s`)), ...cells(stories, unit), ...cells(here, unit)));
    const reasons = [...new Set(models.map(({ here }) => here ? here.reason : UNREAD).filter(Boolean))];
    const scroll = element("div", "scroll", element("table", "", element("thead", "", element("tr", "", ...groups), element("tr", "", ...heads)), element("tbody", "", ...rows)));
    return element("section", "perplexities", element("h2", "", "Perplexities of different tokens cannot be compared"),
      element("p", "about", verdict(tokens.held_out, letters.held_out)), scroll, ...reasons.map((text) => element("p", "about", text)));
  }

  function verdict(tokens, letters) {
    if (!tokens || !letters) return "A perplexity is per token, and a token is not the same in both. A byte is.";
    const fewer = 1 - tokens.per_byte / letters.per_byte;
    return `A perplexity is per token: of how many equally likely ones each came. By it the model over tokens looks ${(tokens.perplexity / letters.perplexity).toFixed(0)} times worse, `
      + `because one of its tokens holds several characters. Per byte of the same stories it needs ${percent(Math.abs(fewer))}\u00a0% ${fewer > 0 ? "fewer" : "more"} bits.`;
  }

  function mark(part, made) {
    const places = [...part.querySelectorAll(".strip .pieces")].flatMap((held) => held.places);
    const found = places.find((one) => one.made === made);
    for (const { made: other, start, end } of places) {
      other.classList.toggle("on", Boolean(found) && start < found.end && end > found.start);
    }
  }

  // Tokenizers that were trained in this tab stand beside the others, the newest first.
  orrery.watch(() => {
    const part = document.querySelector("#tokens-duel-view [data-widget=strips]");
    const box = document.querySelector("#tokens-duel-own :is(textarea, input)");
    if (!part?.most || !box || !part.offsetParent) return;
    const wanted = orrery.trained("cut").slice(0, part.most).map((one) => one.name).join(" ");
    if (part.wanted === wanted) return;
    part.wanted = wanted; // asked for once, whatever comes of it
    if (box.value !== wanted) orrery.ask("tokens-duel", { own: wanted });
  });

  const partOf = (event) => orrery.at(event, "[data-widget=strips]");

  document.addEventListener("pointerover", (event) => {
    const part = partOf(event);
    if (part?.rows) mark(part, orrery.at(event, ".pieces > span"));
  });

  document.addEventListener("pointerout", (event) => {
    const part = partOf(event);
    if (part?.rows && !part.contains(event.relatedTarget)) mark(part, null);
  });

  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const part = by && partOf(event), row = by && orrery.at(event, ".strip .pieces");
    if (!part?.rows || !row) return;
    const all = [...row.querySelectorAll("span")];
    const next = all[Math.min(all.length - 1, Math.max(0, (row.contains(part.at) ? all.indexOf(part.at) : by < 0 ? all.length : -1) + by))];
    part.at = next;
    mark(part, next);
    next?.scrollIntoView({ block: "nearest" });
    event.preventDefault();
  });
}
