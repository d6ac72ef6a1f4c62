// The same shares as lines between the two texts, drawn by the parts of Heads; and the table of heads.
{
  const { element } = orrery;
  const ROOM = 262; // px that both texts take with their lines
  const PANES = { map: "Map", lines: "Lines" };
  const byWidth = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (!target.isConnected) byWidth.unobserve(target);
      else if (target.clientWidth !== target.drawnWidth) orrery.fitTranslations(target.closest(".translation"));
    }
  });

  orrery.translationPanes = (chosen) => Object.entries(PANES).map(([name, label], i) => {
    const button = element("button", i ? "" : "apart", label);
    button.type = "button";
    button.dataset.seenAs = name;
    button.setAttribute("aria-pressed", String(name === chosen));
    return button;
  });

  orrery.translationLines = ({ tokens, source }, number) => {
    const part = element("div", "token-lines");
    const facts = { rows: tokens, columns: source, part: "cross", self: false, called: `translator-${number}` };
    orrery.buildLines(part, facts);
    byWidth.observe(part);
    return part;
  };

  // The letters are as large as the room allows, which is known once the lines stand on the page.
  orrery.fitTranslations = (panel) => {
    for (const part of panel.querySelectorAll(".token-lines")) {
      if (!part.clientWidth) continue;
      part.drawnWidth = part.clientWidth;
      orrery.fitLines(part, ROOM);
      orrery.drawTranslation(part.closest("section"));
    }
  };

  orrery.drawTranslation = (card) => {
    const part = card.querySelector(".token-lines"), { rows, source, tokens } = card.facts;
    if (!part?.places) return;
    orrery.drawLines(part, {
      rows: tokens, columns: source, row: card.at, column: null, shown: tokens.length, self: false,
      sees: () => source.length, weight: (row, column) => rows[row][column],
    });
  };

  const cardOf = (part) => part.closest(".translation .sides > section");

  function queried(event) {
    const token = orrery.at(event, ".translation [data-query]");
    if (token) orrery.translations.pick(cardOf(token), Number(token.dataset.query));
  }

  document.addEventListener("pointerover", (event) => event.pointerType === "mouse" && queried(event));

  document.addEventListener("click", (event) => {
    queried(event);
    const pane = orrery.at(event, ".translation [data-seen-as]"), cell = orrery.at(event, "[data-aligns]");
    if (pane) {
      const panel = pane.closest(".translation");
      panel.pane = pane.dataset.seenAs;
      orrery.translations.build(panel);
      panel.querySelector(`[data-seen-as="${panel.pane}"]`).focus();
    }
    if (cell) {
      const panel = document.querySelector(".translation"), [number, ...place] = cell.dataset.aligns.split(",");
      orrery.translations.choose(panel, Number(number), ...place);
      panel.scrollIntoView({ block: "nearest" });
    }
  });

  document.addEventListener("keydown", (event) => {
    const part = orrery.at(event, ".translation .tokens.query");
    const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!part || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const card = cardOf(part), last = card.facts.tokens.length - 1;
    orrery.translations.pick(card, Math.min(last, Math.max(0, card.at + by)));
  });
}
