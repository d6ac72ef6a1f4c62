// Bar charts: one row drawn here, and lists of rows that the server has drawn.
{
  const { element, text } = orrery;

  // One row of a bar chart: what is kept is solid, what is cut off is hatched.
  orrery.bar = (label, [kept, cut], widest, hit = 0) => {
    const track = element("span", "track");
    const scale = Math.max(widest, kept + cut); // a bar longer than the track is torn off
    if (scale > widest) track.classList.add("torn");
    for (const [share, name] of [[kept, "kept"], [cut, "cut"]]) {
      if (!share) continue;
      const bar = element("u", name);
      bar.style.width = `${Math.max(0.5, (100 * share) / scale)}%`;
      track.append(bar);
    }
    const value = orrery.percent(kept + cut);
    const row = element("div", "bar", element("code", "", label), track, element("span", "value", value));
    if (hit) row.classList.add("hit");
    if (!kept) row.classList.add("all-cut");
    row.title = `${label}: ${value} %${kept ? "" : ", cut off"}${hit ? ", chosen" : ""}`;
    return row;
  };

  orrery.widget("bars", null, (list) => ({
    title: text(list, "h2"),
    rows: [...list.querySelectorAll(".bar")].map((row) => ({
      word: text(row, "code"), value: text(row, ".value"), remark: text(row, ".remark"),
      query: row.classList.contains("query"),
    })),
  }));
}
