// The shares of the chosen token as bars: where it mixes in values from, or who asks it.
{
  const { element, percent, bar } = orrery;
  const LISTED = 6;
  const LEAST = 0.005;

  // part: the element. map: as of drawMap, with `shown` rows.
  orrery.readout = (part, { rows, columns, row, column, sees, shown, weight }) => {
    const asks = row !== null, at = asks ? row : column;
    const among = asks ? columns.slice(0, sees(row)) : rows.slice(0, shown);
    const shares = among.map((label, i) => [label, asks ? weight(row, i) : i < shown && column < sees(i) ? weight(i, column) : 0, i])
      .sort((one, other) => other[1] - one[1] || one[2] - other[2]);
    const listed = shares.slice(0, LISTED).filter(([, share], i) => i === 0 || share >= LEAST);
    const bars = listed.map(([label, share, i]) => readoutBar(label, share, `token ${i + 1}`, asks && i === column ? "hit" : ""));
    const rest = 1 - listed.reduce((sum, [, share]) => sum + share, 0);
    if (asks && shares.length > listed.length && rest >= LEAST) {
      bars.push(readoutBar(`${shares.length - listed.length} others`, rest, "all other tokens", "rest"));
    }
    part.replaceChildren(
      element("h3", "", `Token ${at + 1}, `, element("code", "", (asks ? rows : columns)[at]), asks ? ", mixes in values from" : ", is asked by"),
      ...bars
    );
  };

  function readoutBar(label, share, where, kind) {
    const row = bar(label, [[share, "kept"]], { value: `${percent(share)}\u00a0%`, kind });
    row.title = `${label}, ${where}`;
    return row;
  }
}
