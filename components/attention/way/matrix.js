// The map of one head at three stages: products, masked, after the softmax. A row is a query.
{
  const { element, percent, signed } = orrery;
  const TITLES = { scores: "All queries and keys", mask: "Masked", softmax: "After the softmax" };

  orrery.wayMatrix = (panel, stage) => {
    const { facts } = panel, canvas = element("canvas", "way-matrix", "");
    canvas.stage = stage;
    canvas.facts = facts;
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${TITLES[stage]}: rows are queries, columns keys. Left and right choose a key, up and down a query.`);
    sized.observe(canvas);
    return element("figure", "", element("figcaption", "", TITLES[stage]), canvas);
  };

  // What stands in a cell at a stage; null where the mask hides it.
  function stands({ scores, weights }, stage, i, j) {
    if (stage !== "scores" && j > i) return null;
    return stage === "softmax" ? weights[i][j] : scores[i][j];
  }

  // Softmax of every row over what it may read, once a head.
  function weighted(facts) {
    if (facts.weightsOf === facts.head) return;
    facts.weightsOf = facts.head;
    facts.weights = facts.scores.map((row, i) => {
      const seen = row.slice(0, i + 1), most = Math.max(...seen), raised = seen.map((one) => Math.exp(one - most));
      const whole = raised.reduce((sum, one) => sum + one, 0);
      return raised.map((one) => one / whole);
    });
  }

  function paint(canvas) {
    const { facts, stage } = canvas, side = canvas.clientWidth, ratio = window.devicePixelRatio || 1;
    if (!side) return;
    weighted(facts);
    canvas.width = canvas.height = side * ratio;
    const context = canvas.getContext("2d"), style = getComputedStyle(canvas), n = facts.labels.length;
    const colour = (name) => style.getPropertyValue(name).trim();
    const hue = `rgb(${colour("--orrery-attention")})`, more = colour("--orrery-more"), less = colour("--orrery-less");
    const full = orrery.fullAt(...facts.scores), size = (side * ratio) / n, gap = size > 4 * ratio ? ratio : 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const number = stands(facts, stage, i, j);
        if (number === null) continue;
        context.fillStyle = stage === "softmax" ? hue : number < 0 ? less : more;
        context.globalAlpha = stage === "softmax" ? 0.04 + 0.96 * number : Math.min(1, Math.abs(number) / full);
        context.fillRect(j * size, i * size, size - gap, size - gap);
      }
    }
    context.globalAlpha = 1;
    context.strokeStyle = colour("--orrery-accent");
    context.lineWidth = 2 * ratio;
    context.strokeRect(ratio, facts.token * size, n * size - 2 * ratio, size - ratio);
    context.lineWidth = 3 * ratio;
    if (stage === "scores") context.strokeRect(facts.key * size, facts.token * size, size - ratio, size - ratio);
  }

  const sized = new ResizeObserver((seen) => seen.forEach(({ target }) => paint(target)));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const canvas of document.querySelectorAll("canvas.way-matrix")) if (canvas.facts) paint(canvas);
  });

  function cellAt(event) {
    const canvas = orrery.at(event, "canvas.way-matrix");
    if (!canvas?.facts) return null;
    const box = canvas.getBoundingClientRect(), n = canvas.facts.labels.length;
    const at = (from) => Math.max(0, Math.min(n - 1, Math.floor((n * from) / box.width)));
    return { canvas, i: at(event.clientY - box.top), j: at(event.clientX - box.left) };
  }

  document.addEventListener("pointermove", (event) => {
    const found = cellAt(event);
    const readout = found?.canvas.closest(".way-open").querySelector(".strip-readout");
    if (!readout) return;
    const { canvas: { facts, stage }, i, j } = found, number = stands(facts, stage, i, j);
    const said = number === null ? "masked" : stage === "softmax" ? `${percent(number)}\u00a0%` : signed(number, 3);
    readout.textContent = `${facts.labels[i]}, token ${i + 1}, asks ${facts.labels[j]}, token ${j + 1}: ${said}`;
  });

  function pick(canvas, i, j) {
    const panel = canvas.closest(".way"), { token, labels } = panel.facts;
    if (i < 0 || i >= labels.length || j < 0 || j >= labels.length) return;
    if (i !== token) orrery.wayAsk(panel, { token: i });
    else if (j <= token) {
      orrery.wayChoose(panel, { key: j });
      panel.querySelector("canvas.way-matrix").focus({ preventScroll: true });
    }
  }

  document.addEventListener("click", (event) => {
    const found = cellAt(event);
    if (found) pick(found.canvas, found.i, found.j);
  });

  document.addEventListener("keydown", (event) => {
    const canvas = orrery.at(event, "canvas.way-matrix");
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!canvas || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const { token, key } = canvas.facts;
    pick(canvas, token + by[0], Math.min(key, token) + by[1]);
  });
}
