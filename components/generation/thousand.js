// Many draws: first tokens beside what was predicted, and the plane of probable against different.
{
  const { element, number, percent, shape } = orrery;
  const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [440, 300, 46, 44, 12, 74];

  // One widget for both: a part whose value stays while the other's changes would not be drawn anew.
  orrery.widget("draws", (panel, { draws, rows, plane }) => {
    panel.replaceChildren(firsts(draws, rows), drawn(plane));
  });

  function firsts(draws, rows) {
    const widest = Math.max(...rows.map(([, predicted, drawn, , most]) => Math.max(predicted, drawn / draws, most / draws)));
    const list = element("ol", "", ...rows.map((row) => first(row, draws, widest)));
    return element("div", "", element("h2", "", "The first token"), list);
  }

  function first([label, predicted, drawn, least, most], draws, widest) {
    const at = (share) => `${(100 * share) / widest}%`;
    const band = element("s", ""), bar = element("u", ""), tick = element("b", "");
    band.style.left = at(least / draws);
    band.style.width = `calc(${at((most - least) / draws)} + 2px)`;
    bar.style.width = at(drawn / draws);
    tick.style.left = at(predicted);
    const inside = least <= drawn && drawn <= most;
    const row = element(
      "li", inside ? "" : "outside", element("code", "", label), element("span", "drawn-track", bar, band, tick),
      element("span", "value", `${percent(drawn / draws)}\u00a0%`)
    );
    row.title = `${label}: ${number.format(drawn)} of ${number.format(draws)} drawn, ${percent(predicted)} % predicted; `
      + `chance puts it between ${number.format(least)} and ${number.format(most)} in 95 of 100 experiments`;
    return row;
  }

  function drawn({ points, texts, tokens, coming, people }) {
    const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    svg.setAttribute("aria-label", points.map(([name, bits, share]) =>
      `${name}: ${bits.toFixed(2)} bits a token, distinct-2 ${percent(share)} %`).join("; "));
    const far = Math.max(2, Math.ceil(Math.max(...points.map(([, bits]) => bits)) + 0.2));
    const x = (bits) => LEFT + (bits / far) * (WIDTH - LEFT - RIGHT);
    const y = (share) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
      svg.append(shape("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(share), y2: y(share) }));
      svg.append(text(LEFT - 6, y(share) + 5, `${100 * share}`, "end"));
    }
    for (let bits = 0; bits <= far; bits += far > 6 ? 2 : 1) svg.append(text(x(bits), HEIGHT - BOTTOM + 18, String(bits), "middle"));
    svg.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "bits a token: less is more probable", "middle"));
    const line = matchMedia("(max-width: 760px)").matches ? 21 : 15; // as the sheet has it
    let last = -Infinity;
    for (const [name, bits, share, kind] of [...points].sort((a, b) => b[2] - a[2])) {
      svg.append(shape("circle", { cx: x(bits), cy: y(share), r: kind ? 7 : 5, class: kind }));
      last = Math.max(y(share) + 5, last + line);
      svg.append(text(x(bits) + 10, last, name, "start", `name ${kind}`));
    }
    const more = coming ? ` ${coming} presets to come.` : "";
    const told = people ? " People: how held-out stories go on after this prompt." : "";
    return element(
      "div", "", element("h2", "", "Different bigrams (distinct-2, %) against bits"), svg,
      element("p", "", `Every point: ${number.format(texts)} texts of up to ${tokens} tokens.${told}${more}`)
    );
  }

  function text(x, y, said, anchor, kind = "") {
    return shape("text", { x, y, "text-anchor": anchor, class: kind }, said);
  }
}
