// Vectors as strips: orange up, purple down, white at zero. A pointer on a number reads it out.
{
  const { element } = orrery;
  const FULL = 0.99; // of the numbers are paler than the full colour; a few outliers would bleach all

  // What packed_numbers of the server made, as Float32Array.
  orrery.numbers = ({ bits, most, data }) => {
    const { buffer } = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    if (bits === 32) return new Float32Array(buffer);
    const whole = bits === 8 ? new Int8Array(buffer) : new Int16Array(buffer);
    const step = most / (2 ** (bits - 1) - 1);
    return Float32Array.from(whole, (one) => one * step);
  };

  // The same array as so many rows of equal length.
  orrery.rows = (numbers, count) => Array.from({ length: count }, (_, i) =>
    numbers.subarray((i * numbers.length) / count, ((i + 1) * numbers.length) / count));

  // With a minus sign, which what is rounded to 0 has not.
  orrery.signed = (number, digits = 2) => number.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");

  // From which size on the numbers of these rows have the full colour.
  orrery.fullAt = (...rows) => {
    const sizes = rows.flatMap((row) => Array.from(row, Math.abs)).sort((a, b) => a - b);
    return sizes.length ? sizes[Math.min(sizes.length - 1, Math.floor(FULL * sizes.length))] || 1e-9 : 1e-9;
  };

  // A canvas of one strip under another; an empty row stays free. names: of the rows.
  orrery.strips = (rows, names, { full = orrery.fullAt(...rows), label = names.join(", "), gap = 2 } = {}) => {
    const canvas = element("canvas", "vector");
    canvas.strips = { rows, names, full, gap };
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", rows.length === 1 ? about(label, rows[0]) : label);
    sized.observe(canvas);
    return canvas;
  };

  function about(name, row) {
    const ends = [Math.min(...row), Math.max(...row)].map((one) => orrery.signed(one));
    return `${name}: ${row.length} numbers, from ${ends[0]} to ${ends[1]}`;
  }

  function paint(canvas) {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (!width || !height) return;
    canvas.width = width;
    canvas.height = height;
    const { rows, full, gap } = canvas.strips, style = getComputedStyle(canvas);
    const colours = ["--orrery-more", "--orrery-less"].map((name) => style.getPropertyValue(name));
    const context = canvas.getContext("2d"), between = rows.length > 1 ? gap * ratio : 0;
    rows.forEach((row, i) => {
      const top = Math.round((i * height) / rows.length);
      const tall = Math.max(1, Math.round(((i + 1) * height) / rows.length) - top - between);
      cells(row, width, ratio).forEach(([from, wide, number]) => {
        context.fillStyle = colours[number < 0 ? 1 : 0];
        context.globalAlpha = Math.min(1, Math.abs(number) / full);
        context.fillRect(from, top, wide, tall);
      });
    });
  }

  // [from, width, number] of every cell; where several share a pixel, the largest stands there.
  function cells(row, width, ratio) {
    const line = width / row.length > 6 * ratio ? ratio : 0;
    if (row.length <= width) {
      return Array.from(row, (number, i) => {
        const from = Math.round((i * width) / row.length);
        return [from, Math.round(((i + 1) * width) / row.length) - from - line, number];
      });
    }
    return Array.from({ length: width }, (_, x) => {
      const held = row.subarray(Math.floor((x * row.length) / width), Math.ceil(((x + 1) * row.length) / width));
      return [x, 1, held.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0)];
    });
  }

  const sized = new ResizeObserver((seen) => seen.forEach(({ target }) => paint(target)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const canvas of document.querySelectorAll("canvas.vector")) if (canvas.strips) paint(canvas);
  });

  function read(event) {
    const canvas = orrery.at(event, "canvas.vector");
    const readout = canvas?.strips && canvas.closest("[data-widget]")?.querySelector(".strip-readout");
    if (!readout) return;
    const { rows, names } = canvas.strips, box = canvas.getBoundingClientRect();
    const place = (from, to, count) => Math.max(0, Math.min(count - 1, Math.floor((count * from) / to)));
    const i = place(event.clientY - box.top, box.height, rows.length), row = rows[i];
    if (!row.length) return;
    const at = place(event.clientX - box.left, box.width, row.length);
    readout.textContent = `${names[i]}: number ${at + 1} of ${row.length} is ${orrery.signed(row[at], 3)}`;
  }

  document.addEventListener("pointermove", read);
  document.addEventListener("pointerdown", read);
}
