// Pointing at a cell of the map, a line or a token shows the same in all of them.
{
  // row: the token that asks, or null where the column alone is meant.
  function choose(widget, row, column) {
    const { shown, columns, self } = widget.facts;
    const last = (self ? shown : columns.length) - 1;
    const next = row === null ? null : Math.min(shown - 1, Math.max(0, row));
    const beside = column === null || column < 0 || column > last ? null : column;
    if (next === widget.row && beside === widget.column) return;
    widget.row = next;
    widget.column = next === null && beside === null ? 0 : beside;
    orrery.heads.draw(widget);
  }

  // What an event points at: [widget, row, column], or nothing.
  function pointedAt(event) {
    const part = orrery.at(event, ".attention canvas.large, .attention [data-query], .attention [data-key], .attention [data-line]");
    const widget = part?.closest(".attention");
    if (!widget?.facts) return null;
    if (part.dataset.query) return [widget, Number(part.dataset.query), null];
    if (part.dataset.key) return [widget, null, Number(part.dataset.key)];
    if (part.dataset.line) return [widget, ...part.dataset.line.split(",").map(Number)];
    const cell = orrery.cellAt(part, event);
    return cell && [widget, ...cell];
  }

  // A mouse shows what it is over; a click or a tap keeps it, a second click lets go.
  document.addEventListener("pointermove", (event) => {
    const at = event.pointerType === "mouse" && pointedAt(event);
    if (at && !at[0].pinned) choose(...at);
  });

  document.addEventListener("pointerup", (event) => {
    const at = pointedAt(event);
    if (!at) return;
    const [widget, row, column] = at;
    widget.pinned = !(widget.pinned && row === widget.row && (column === widget.column || column === null));
    choose(widget, row, column);
  });

  document.addEventListener("keydown", (event) => {
    const part = orrery.at(event, ".attention canvas.large, .attention .tokens.query");
    const by = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!part || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    const widget = part.closest(".attention");
    widget.pinned = true;
    choose(widget, (widget.row ?? widget.facts.shown) + by, null);
    event.preventDefault();
    event.stopPropagation();
  });
}
