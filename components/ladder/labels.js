// The names of the marks of the ladder: where a picture is so narrow that one would lie on another, on a
// mark, or beyond the edge, it is led to where there is room.
{
  const ACROSS = [13, -13, 30, -30, 60, -60, 100, -100], UP = [0, 22, -22, 40, -40, 62, -62, 84, -84]; // px
  const FAR = 0.6; // px² that a label may cover rather than stand a px further away, per px of its height
  const led = new WeakMap(); // by the layout of a figure: the places its names had, and for which picture they were led

  const boxes = (plot, parts) => [...plot.querySelectorAll(parts)].map((one) => one.getBoundingClientRect());
  const shared = (a, b) =>
    Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
    Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

  // The box of a label of this size that is led so far from a point.
  const box = ({ width, height }, [x, y], [across, up]) =>
    new DOMRect(across > 0 ? x + across : x + across - width, y + up - height / 2, width, height);

  function lead(plot) {
    const { layout } = plot;
    const drawn = boxes(plot, ".annotation-text-g");
    if (!layout?.annotations?.length || drawn.length !== layout.annotations.length) return;
    const size = drawn.map(({ width }) => Math.round(width)).join() + plot.clientWidth;
    const before = led.get(layout);
    if (before?.size === size) return;
    const wanted = before?.wanted ?? layout.annotations.map(({ ax, ay }) => [ax, ay]);
    led.set(layout, { wanted, size });
    const whole = plot.getBoundingClientRect(), marks = boxes(plot, ".scatterlayer .point");
    const points = layout.annotations.map(({ ax, ay }, i) =>
      [(ax > 0 ? drawn[i].left : drawn[i].right) - ax, drawn[i].top + drawn[i].height / 2 - ay]);
    const taken = boxes(plot, "[class$=tick] text, .infolayer :is([class*=xtitle], [class*=ytitle])");
    const moved = {};
    points.forEach((point, i) => {
      const places = [wanted[i], ...ACROSS.flatMap((across) => UP.map((up) => [across, up]))];
      const costs = places.map((place, k) => {
        const one = box(drawn[i], point, place);
        const covered = [...marks, ...taken].reduce((sum, other) => sum + shared(one, other), 0);
        const outside = one.width * one.height - shared(one, whole);
        return covered + outside + (k && FAR * one.height * (1 + Math.hypot(...place) / 13));
      });
      const [across, up] = places[costs.indexOf(Math.min(...costs))];
      taken.push(box(drawn[i], point, [across, up]));
      const name = `annotations[${i}]`;
      Object.assign(moved, { [`${name}.ax`]: across, [`${name}.ay`]: up, [`${name}.xanchor`]: across > 0 ? "left" : "right" });
    });
    Plotly.relayout(plot, moved);
  }

  orrery.onPlot("ladder-models", "plotly_afterplot", () => document.querySelectorAll("#ladder .js-plotly-plot").forEach(lead));
}
