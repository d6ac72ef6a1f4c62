// Lines from token to token: above the tokens that ask, below those that are asked, and between them
// lines as strong as the weights. The text is as large as the room allows, and wraps.
{
  const { element, percent, shape } = orrery;
  const LARGEST = 24, SMALLEST = 12; // px of a token
  const LEAST = 0.02; // of a weight that is drawn
  const FEW = 48; // tokens up to which the lines of all are drawn faintly
  const NAMED = 3; // shares that stand beside their lines
  const GAP = [96, 260]; // px between the two texts
  const OF = [" in the sentence", " in the translation"];
  const SIDES = { cross: [OF[1], OF[0]], encoder: [OF[0], OF[0]], decoder: [OF[1], OF[1]] };

  // facts: { rows, columns } labels; of the rows the last `written` came from the model. called: where
  // several stand on a page, a name of this one.
  orrery.buildLines = (part, facts) => {
    const typed = facts.self && facts.writes ? facts.rows.length - facts.written : Infinity;
    const [above, below] = SIDES[facts.part] ?? ["", ""];
    const asking = tokens(facts.rows, "query", typed, facts.called);
    asking.tabIndex = 0;
    asking.setAttribute("role", "listbox");
    asking.setAttribute("aria-label", "The token that asks; arrow keys choose one");
    part.replaceChildren(
      element("p", "side", "The token that asks ", element("i", "", "(query)"), above), asking,
      element("div", "between"), tokens(facts.columns, "key", typed),
      element("p", "side", "The tokens that are asked ", element("i", "", "(keys)"), below),
      document.createElementNS("http://www.w3.org/2000/svg", "svg")
    );
    part.querySelector("svg").setAttribute("aria-hidden", "true");
  };

  function tokens(labels, kind, written, called = "asking") {
    return element("div", `tokens ${kind}`, ...labels.map((label, i) => {
      const one = element("span", i >= written ? "token by-model" : "token", label);
      one.dataset[kind] = i;
      if (kind === "query") {
        one.id = `${called}-${i}`;
        one.setAttribute("role", "option");
      }
      return one;
    }));
  }

  // The largest letters with which both texts and some room between them fit.
  orrery.fitLines = (part, room) => {
    const lecture = document.documentElement.classList.contains("lecture");
    const between = part.querySelector(".between"), svg = part.querySelector("svg");
    svg.replaceChildren(); // else the lines of before take room, and the letters get small
    for (const side of ["width", "height"]) svg.setAttribute(side, 0);
    between.style.height = `${GAP[0]}px`;
    let size = lecture ? 1.4 * LARGEST : LARGEST;
    const fits = () => part.scrollHeight <= room && part.scrollWidth <= part.clientWidth;
    for (part.style.fontSize = `${size}px`; !fits() && size > SMALLEST; part.style.fontSize = `${size}px`) size -= 1;
    const left = room - part.scrollHeight + GAP[0];
    between.style.height = `${Math.max(GAP[0], Math.min(GAP[1], left))}px`;
    const own = part.getBoundingClientRect();
    part.places = {};
    for (const kind of ["query", "key"]) {
      part.places[kind] = [...part.querySelectorAll(`[data-${kind}]`)].map((token) => {
        const { left, top, width, height } = token.getBoundingClientRect();
        return { x: left - own.left + width / 2, top: top - own.top, bottom: top - own.top + height };
      });
    }
    svg.setAttribute("width", part.clientWidth);
    svg.setAttribute("height", part.scrollHeight);
  };

  // map: as of drawMap, with `shown` rows; what is later is not written yet.
  orrery.drawLines = (part, map) => {
    const keys = map.self ? map.shown : map.columns.length;
    mark(part, "query", map.shown, map.row, (row) => (map.column !== null && map.row === null ? share(map, row, map.column) : 0));
    mark(part, "key", keys, map.column, (column) => (map.row === null ? 0 : share(map, map.row, column)));
    part.querySelector(".tokens.query").setAttribute("aria-activedescendant", part.querySelector(`[data-query="${map.row}"]`)?.id ?? "");
    const strong = [], faint = [];
    for (let row = 0; row < map.shown; row++) {
      const here = map.row === row || (map.row === null && map.column !== null);
      if (!here && map.rows.length > FEW) continue;
      for (let column = 0; column < Math.min(keys, map.sees(row)); column++) {
        const weight = map.weight(row, column);
        if (weight < LEAST) continue;
        (here && (map.row !== null || map.column === column) ? strong : faint).push([row, column, weight]);
      }
    }
    const drawn = [...faint.map((one) => path(part, one, "faint")), ...strong.map((one) => path(part, one, chosen(map, one)))];
    const named = [];
    for (const line of strong.sort((one, other) => other[2] - one[2]).slice(0, NAMED)) {
      const at = placeOf(part, line, map), free = named.every((one) => Math.abs(one.x - at.x) > 76 || Math.abs(one.y - at.y) > 20);
      if (line[2] >= 0.1 && free) named.push({ ...at, share: line[2] });
    }
    part.querySelector("svg").replaceChildren(...drawn, ...named.map(shareOf));
  };

  const share = (map, row, column) => (column < map.sees(row) ? map.weight(row, column) : 0);
  const chosen = ({ row, column }, [, at]) => (row !== null && at === column ? "line chosen" : "line");

  function mark(part, kind, shown, at, weight) {
    part.querySelectorAll(`[data-${kind}]`).forEach((token, i) => {
      token.classList.toggle("here", i === at);
      token.classList.toggle("later", i >= shown);
      token.style.setProperty("--share", i < shown ? weight(i).toFixed(3) : 0);
      if (kind === "query") token.setAttribute("aria-selected", String(i === at));
    });
  }

  function ends(part, [row, column]) {
    return [part.places.query[row], part.places.key[column]];
  }

  function path(part, line, name) {
    const [from, to] = ends(part, line), middle = (from.bottom + to.top) / 2;
    const made = shape("path", {
      d: `M${from.x} ${from.bottom}C${from.x} ${middle} ${to.x} ${middle} ${to.x} ${to.top}`,
      class: name, "data-line": `${line[0]},${line[1]}`,
    });
    made.style.setProperty("--share", line[2].toFixed(3));
    return made;
  }

  // Beside the line, nearer to the end that is not shared with the other lines.
  function placeOf(part, line, { row }) {
    const [from, to] = ends(part, line), near = row === null ? 0.38 : 0.62;
    const across = near * near * (3 - 2 * near); // of the curve, as far as `bend` is down
    return { x: from.x + (to.x - from.x) * across + 12, y: from.bottom + (to.top - from.bottom) * bend(near) };
  }

  function shareOf({ x, y, share }) {
    const made = shape("text", { x, y });
    made.textContent = `${percent(share)} %`;
    return made;
  }

  // How far down the curve is at a place from 0 to 1 of its course.
  const bend = (t) => 1.5 * (1 - t) * t + t ** 3;
}
