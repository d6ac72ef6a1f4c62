// A map of weights on a canvas: a row a query, a column a key, both of any number. The labels that
// find no room make way for those of the chosen row and column.
{
  const FACE = '"IBM Plex Mono", monospace';
  const SIZES = [34, 17, 11], LECTURE = [48, 24, 18]; // px: the largest cell and label, the smallest label
  const SHORT = { "end of text": "end" };
  const SOLID = 8; // px of a cell below which there is no line between two

  orrery.style = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  orrery.attentionHue = () => orrery.style("--orrery-attention").split(" ").map(Number);

  // One pixel a cell: weight(row, column) of the columns that a row sees, as opacity.
  orrery.mapImage = (canvas, rows, columns, sees, weight) => {
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext("2d"), hue = orrery.attentionHue();
    const image = context.createImageData(columns, rows);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < sees(row); column++) {
        image.data.set([...hue, Math.round(weight(row, column) * 255)], 4 * (row * columns + column));
      }
    }
    context.putImageData(image, 0, 0);
    return canvas;
  };

  // map: { rows, columns } labels, sees(row), weight(row, column), [name] of what is drawn, what is
  // chosen: row, column or null, and [still] where no column can be. room: [width, height] in px.
  // Leaves canvas.geometry behind.
  orrery.drawMap = (canvas, map, room) => {
    const place = fitted(canvas.getContext("2d"), map, room), ratio = window.devicePixelRatio || 1;
    canvas.geometry = place;
    canvas.width = Math.ceil(place.width * ratio);
    canvas.height = Math.ceil(place.height * ratio);
    canvas.style.width = `${place.width}px`;
    canvas.style.height = `${place.height}px`;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawCells(canvas, context, map, place);
    drawChosen(context, map, place);
    drawLabels(context, map, place);
  };

  // The row and the column under a pointer; null outside of the cells.
  orrery.cellAt = (canvas, { clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect(), place = canvas.geometry;
    const row = Math.floor((clientY - top - place.top) / place.cell);
    const column = Math.floor((clientX - left - place.left) / place.cell);
    return row >= 0 && row < place.rows ? [row, column] : null;
  };

  const brief = (label) => SHORT[label] ?? label;

  function fitted(context, { rows, columns, still }, [width, height]) {
    const lecture = document.documentElement.classList.contains("lecture");
    const [most, largest, smallest] = lecture ? LECTURE : SIZES;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.font = `100px ${FACE}`;
    const wide = (label) => context.measureText(brief(label)).width / 100;
    const widths = [rows, columns].map((labels) => labels.map(wide));
    for (let cell = most; ; cell -= cell > SOLID ? 0.5 : 0.1) {
      const font = Math.max(smallest, Math.min(largest, cell - 2));
      // where no column is ever chosen, those without room for their label take none
      const drawn = [widths[0], still ? shown(columns.length, cell, font, null).map((i) => widths[1][i]) : widths[1]];
      const [left, top] = drawn.map((some) => Math.min(Math.max(...some) * font, 0.3 * width) + 10);
      const place = {
        cell, font, left, top, rows: rows.length,
        width: Math.ceil(left + columns.length * cell + 3), height: Math.ceil(top + rows.length * cell + 3),
      };
      if ((place.width <= width && place.height <= height) || cell <= 1) return place;
    }
  }

  function drawCells(canvas, context, { rows, columns, sees, weight, name }, { left, top, cell }) {
    if (canvas.cached?.name !== name) {
      const image = orrery.mapImage(document.createElement("canvas"), rows.length, columns.length, sees, weight);
      canvas.cached = { name, image };
    }
    context.imageSmoothingEnabled = false;
    context.drawImage(canvas.cached.image, left, top, columns.length * cell, rows.length * cell);
    if (cell < SOLID) return;
    for (let row = 0; row <= rows.length; row++) context.clearRect(left, top + row * cell - 1, columns.length * cell, 1);
    for (let column = 0; column <= columns.length; column++) context.clearRect(left + column * cell - 1, top, 1, rows.length * cell);
  }

  function drawChosen(context, { rows, sees, row, column }, { left, top, cell }) {
    context.strokeStyle = orrery.style("--orrery-ink");
    context.lineWidth = 2;
    if (row !== null) context.strokeRect(left - 1, top + row * cell - 1, sees(row) * cell + 1, cell + 1);
    if (column === null) return;
    if (row === null) context.strokeRect(left + column * cell - 1, top - 1, cell + 1, rows.length * cell + 1);
    else if (column < sees(row)) {
      context.strokeStyle = orrery.style("--orrery-accent");
      context.lineWidth = 3;
      context.strokeRect(left + column * cell - 1, top + row * cell - 1, cell + 1, cell + 1);
    }
  }

  function drawLabels(context, { rows, columns, row, column }, { left, top, cell, font }) {
    const label = (text, x, y, chosen) => {
      context.fillStyle = orrery.style(chosen ? "--orrery-ink" : "--orrery-muted");
      context.font = `${chosen ? "bold " : ""}${font}px ${FACE}`;
      context.fillText(brief(text), x, y);
    };
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const i of shown(rows.length, cell, font, row)) label(rows[i], left - 6, top + (i + 0.5) * cell, i === row);
    context.rotate(-Math.PI / 2);
    context.textAlign = "left";
    for (const i of shown(columns.length, cell, font, column)) label(columns[i], 6 - top, left + (i + 0.5) * cell, i === column);
    context.rotate(Math.PI / 2);
  }

  // Which labels have room, the chosen one among them.
  function shown(count, cell, font, chosen) {
    const step = Math.ceil((font + 1) / cell);
    const near = (i) => chosen !== null && i !== chosen && Math.abs(i - chosen) * cell < font + 1;
    const found = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step).filter((i) => !near(i));
    return chosen === null || found.includes(chosen) ? found : [...found, chosen];
  }
}
