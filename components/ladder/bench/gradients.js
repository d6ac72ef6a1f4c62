// How large the gradients of each layer are, on a logarithmic axis, and the learning rate.
{
  const { element, say, series, shape } = orrery;

  orrery.benchGradients = (run) => {
    const points = (run.points ?? []).filter((one) => one.length > 5);
    const section = element("section", "gradients", element("h3", "", "Size of the gradient, by layer"));
    if (!points.length) return section;
    const wide = 330, high = 176;
    const all = points.flatMap((one) => one.slice(5)).filter((one) => one > 0);
    const [low, top] = [Math.floor(Math.log10(Math.min(...all, 1))), Math.ceil(Math.log10(Math.max(...all, 1)))];
    const x = (step) => 50 + (wide - 58) * step / run.steps;
    const y = (value) => high - 10 - (high - 20) * (Math.log10(value) - low) / Math.max(1, top - low);
    const svg = shape("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", class: "curves", "font-size": 15 });
    svg.setAttribute("aria-label", run.layers.map((name, i) => `${name}: ${points.at(-1)[5 + i]}`).join("; "));
    const stride = Math.ceil((top - low) / 5) || 1;
    for (let power = low; power <= top; power += stride) {
      const label = power > -4 && power < 4 ? String(10 ** power) : `1e${power}`;
      svg.append(
        shape("line", { x1: 50, x2: wide - 8, y1: y(10 ** power), y2: y(10 ** power), class: "grid" }),
        say({ x: 44, y: y(10 ** power) + 5, class: "axis", "text-anchor": "end" }, label)
      );
    }
    run.layers.forEach((name, i) => {
      const path = points.filter((one) => one[5 + i] > 0).map((one) => `${x(one[0]).toFixed(1)},${y(one[5 + i]).toFixed(1)}`);
      svg.append(shape("polyline", { points: path.join(" "), class: "layer", style: `stroke:${series[i % 4]};fill:none` }));
    });
    const keys = run.layers.map((name, i) => {
      const key = element("span", "", `${name} ${points.at(-1)[5 + i]?.toPrecision(2) ?? "no number"}`);
      key.style.borderColor = series[i % 4];
      return key;
    });
    const [, , , rate, norm] = points.at(-1);
    const clipped = run.clip && norm > run.clip ? `, clipped to ${run.clip}` : "";
    const said = `All together ${norm === null ? "no number" : norm.toPrecision(2)}${clipped}. Learning rate ${Number(rate.toPrecision(2))}.`;
    section.append(element("p", "keys-of-layers", ...keys), svg, element("p", "", said));
    return section;
  };
}
