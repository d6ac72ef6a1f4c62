// The translations: a card a translator, a row a token that was written, a column one that was read.
{
  const { element, percent } = orrery;
  const MEAN = "mean";
  const WIDE = 32; // numbers of the one vector in a row of its picture

  orrery.widget("translation", (panel, value) => {
    panel.facts = value;
    panel.way ??= 0;
    panel.pane ??= "map";
    panel.maps = value.translators.map(({ ways }) =>
      ways.map(({ maps }) => Uint8Array.from(atob(maps), (character) => character.charCodeAt(0))));
    panel.heads = value.translators.map(({ layers, heads }, i) => panel.heads?.[i] ?? [layers - 1, heads > 1 ? 0 : MEAN]);
    build(panel);
  });

  function build(panel) {
    const names = panel.facts.translators[0].ways.map(({ name }) => name);
    const ways = element("p", "ways", ...names.map((name, i) => {
      const button = element("button", "", i ? `${name} search` : name);
      button.type = "button";
      button.dataset.way = i;
      button.setAttribute("aria-pressed", String(i === panel.way));
      return button;
    }), ...orrery.translationPanes(panel.pane), element("span", "shares", "Share: 0 ", element("i", "attention-ramp"), " 1"));
    const cards = panel.facts.translators.map((translator, i) => card(panel, translator, i));
    panel.replaceChildren(ways, element("div", "sides", ...cards));
    panel.querySelectorAll(".sides > section").forEach((one) => one.facts && pick(one, opened(one)));
    orrery.fitTranslations(panel);
  }

  function card(panel, translator, number) {
    const way = translator.ways[panel.way];
    const text = element("p", "reads", way.text || "(nothing)");
    text.lang = "fr";
    text.append(element("small", "", ` ${way.bits} bits${way.cut ? ", cut short" : ""}${bleu(way)}${sameAs(translator, panel.way)}`));
    const made = element("section", "", element("h2", "", translator.title), text);
    if (!translator.layers) {
      made.append(...vector(translator));
      return made;
    }
    const rows = weights(panel, number, way.tokens.length);
    made.facts = { rows, source: panel.facts.source, tokens: way.tokens };
    made.append(translator.layers * translator.heads > 1
      ? chooser(panel, translator, number) : element("p", "only", "Additive attention: one map"));
    const said = element("p", "looks");
    said.setAttribute("aria-live", "polite");
    made.append(panel.pane === "lines" ? orrery.translationLines(made.facts, number)
      : element("div", "scroll", table(made.facts, translator.title)), said);
    return made;
  }

  const bleu = ({ bleu }) => (bleu === null ? "" : `, BLEU ${bleu.toFixed(1)}`);

  const sameAs = ({ ways }, way) => (way && ways[way].text === ways[0].text ? "; the same as greedy" : "");

  function weights(panel, number, count) {
    const { layers, heads } = panel.facts.translators[number];
    const [layer, head] = panel.heads[number];
    const bytes = panel.maps[number][panel.way], columns = panel.facts.source.length;
    const taken = head === MEAN ? Array.from({ length: heads }, (_, i) => i) : [head];
    const share = (row, column) => taken.reduce(
      (sum, one) => sum + bytes[((layer * heads + one) * count + row) * columns + column], 0
    ) / taken.length / 255;
    return Array.from({ length: count }, (_, row) => Array.from({ length: columns }, (_, column) => share(row, column)));
  }

  function chooser(panel, { title, layers, heads }, number) {
    const select = element("select");
    select.setAttribute("aria-label", `Head of ${title}`);
    for (let layer = 0; layer < layers; layer++) {
      for (const head of [...Array(heads).keys(), MEAN]) {
        const name = head === MEAN ? `Layer ${layer + 1}, mean of its heads` : `Layer ${layer + 1}, head ${head + 1}`;
        select.append(new Option(name, `${layer},${head}`));
      }
    }
    select.value = panel.heads[number].join();
    select.dataset.translator = number;
    return select;
  }

  function table({ rows, source, tokens }, title) {
    const heads = source.map((label) => {
      const head = element("th", "", element("code", "", label));
      head.scope = "col";
      return head;
    });
    const made = element("table", "", element("thead", "", element("tr", "", element("td"), ...heads)),
      element("tbody", "", ...tokens.map((token, i) => row(token, i, rows[i], source))));
    made.style.setProperty("--rows", tokens.length);
    made.style.setProperty("--columns", source.length);
    made.style.setProperty("--letters", Math.max(...source.map((label) => label.length)));
    made.setAttribute("aria-label", `Where the ${title.toLowerCase()} looks`);
    return made;
  }

  function row(token, i, shares, source) {
    const button = element("button", "", token);
    button.type = "button";
    button.dataset.row = i;
    const head = element("th", "", button);
    head.scope = "row";
    const line = element("tr", "", head, ...shares.map((share, column) => {
      const cell = element("td");
      cell.style.setProperty("--share", share);
      cell.title = `${token}, ${source[column]}: ${percent(share)}\u00a0%`;
      return cell;
    }));
    line.dataset.at = i;
    return line;
  }

  // The one vector, a square a number: what is negative in one colour, what is positive in the other.
  function vector({ vector }) {
    const squares = vector.map((number) => {
      const square = element("i", number < 0 ? "less" : "");
      square.style.setProperty("--share", Math.min(1, Math.abs(number)));
      return square;
    });
    const strip = element("div", "one-vector", ...squares);
    strip.style.setProperty("--wide", WIDE);
    strip.setAttribute("role", "img");
    strip.setAttribute("aria-label", `The vector: ${vector.length} numbers from ${orrery.signed(Math.min(...vector))} to ${orrery.signed(Math.max(...vector))}`);
    const legend = element("p", "", `No map: nothing is looked up. The whole sentence became these ${vector.length} numbers, `,
      element("b", "less", "negative"), " or ", element("b", "", "positive"), ", and every token was written from them.");
    return [strip, legend];
  }

  // The first token for which the look goes back: there the order of the two languages differs.
  function opened({ facts: { rows } }) {
    const peaks = rows.map((shares) => shares.indexOf(Math.max(...shares)));
    return Math.max(0, peaks.findIndex((peak, i) => i > 0 && peak < peaks[i - 1]));
  }

  function pick(card, at) {
    const { rows, source, tokens } = card.facts;
    card.at = at;
    orrery.drawTranslation(card);
    for (const line of card.querySelectorAll("tbody tr")) {
      const here = Number(line.dataset.at) === at, button = line.querySelector("button");
      line.classList.toggle("here", here);
      button.setAttribute("aria-pressed", String(here));
      button.tabIndex = here ? 0 : -1;
    }
    card.querySelectorAll("thead th").forEach((head, i) => {
      head.style.setProperty("--share", rows[at][i]);
      head.classList.toggle("bright", rows[at][i] > 0.45);
    });
    const best = rows[at].map((share, i) => [share, i]).sort((one, other) => other[0] - one[0] || one[1] - other[1]).slice(0, 3);
    card.querySelector(".looks").replaceChildren(
      element("code", "", tokens[at]), " was written looking at ",
      ...best.flatMap(([share, i], place) => [place ? ", " : "", element("code", "", source[i]), ` ${percent(share)}\u00a0%`]), "."
    );
  }

  function choose(panel, number, layer, head) {
    panel.heads[number] = [Number(layer), head === MEAN ? MEAN : Number(head)];
    build(panel);
  }

  // For the lines between both texts, and for the table of heads.
  orrery.translations = { build, pick, choose };

  const cardOf = (part) => part.closest(".translation .sides > section");

  document.addEventListener("click", (event) => {
    const way = orrery.at(event, ".translation [data-way]"), row = orrery.at(event, ".translation tr[data-at]");
    if (row) pick(cardOf(row), Number(row.dataset.at));
    if (!way) return;
    const panel = way.closest(".translation");
    panel.way = Number(way.dataset.way);
    build(panel);
    panel.querySelector(`[data-way="${panel.way}"]`).focus();
  });

  document.addEventListener("pointerover", (event) => {
    const row = event.pointerType === "mouse" && orrery.at(event, ".translation tr[data-at]");
    if (row) pick(cardOf(row), Number(row.dataset.at));
  });

  document.addEventListener("change", (event) => {
    const select = orrery.at(event, ".translation select");
    if (!select) return;
    const panel = select.closest(".translation"), number = Number(select.dataset.translator);
    choose(panel, number, ...select.value.split(","));
    panel.querySelector(`select[data-translator="${number}"]`).focus();
  });

  document.addEventListener("keydown", (event) => {
    const button = orrery.at(event, ".translation button[data-row]");
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!button || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const at = Number(button.dataset.row) + by, next = cardOf(button).querySelector(`[data-row="${at}"]`);
    if (!next) return;
    pick(cardOf(button), at);
    next.focus();
  });
}
