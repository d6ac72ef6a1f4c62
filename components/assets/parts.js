// What every script of the page shares. Text that a person typed only ever becomes a text node.
const orrery = {};

{
  orrery.number = new Intl.NumberFormat("en");

  orrery.percent = (share) => {
    if (share > 0 && share < 0.0005) return "< 0.1";
    if (share < 1 && share > 0.9995) return "> 99.9";
    return (100 * share).toFixed(1);
  };

  orrery.element = (tag, className, ...children) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  };

  // One row of a bar chart: what is kept is solid, what is cut off is hatched.
  orrery.bar = (label, [kept, cut], widest, hit = 0) => {
    const track = orrery.element("span", "track");
    const scale = Math.max(widest, kept + cut); // a bar longer than the track is torn off
    if (scale > widest) track.classList.add("torn");
    for (const [share, name] of [[kept, "kept"], [cut, "cut"]]) {
      if (!share) continue;
      const bar = orrery.element("u", name);
      bar.style.width = `${Math.max(0.5, (100 * share) / scale)}%`;
      track.append(bar);
    }
    const value = orrery.percent(kept + cut);
    const row = orrery.element(
      "div", "bar", orrery.element("code", "", label), track, orrery.element("span", "value", value)
    );
    if (hit) row.classList.add("hit");
    if (!kept) row.classList.add("all-cut");
    row.title = `${label}: ${value} %${kept ? "" : ", cut off"}${hit ? ", chosen" : ""}`;
    return row;
  };
}
