// A beam search as a tree: a column a step, opened one by one; the texts are ranked here.
{
  const { element, number, signed } = orrery;
  const VIEW = "#generation-beam-view";
  const LISTED = 7; // texts at once; the others are counted
  const [LABEL, TEXT, SUM, FATE, PARENT, ENDS] = [0, 1, 2, 3, 4, 5];

  orrery.widget("search", (panel, facts) => {
    panel.facts = facts;
    panel.nodes = nodes(facts.steps);
    panel.opened = Math.min(facts.opened, facts.steps.length);
    const tree = element("div", "search-tree");
    tree.setAttribute("role", "region");
    tree.setAttribute("aria-label", "Steps of the search: arrow keys open and close them");
    tree.tabIndex = 0;
    panel.replaceChildren(moves(), tree, element("div", "search-below"));
    panel.watcher ??= new ResizeObserver(() => lines(panel));
    panel.watcher.observe(tree);
    show(panel);
  });

  // Every candidate with the one that it extends: its whole text, and its beams' places.
  function nodes(steps) {
    let kept = [{ text: "", length: 0, path: [] }];
    return steps.map((step, column) => {
      const found = step.map((one, row) => {
        const parent = kept[one[PARENT]];
        return {
          label: one[LABEL], sum: one[SUM], fate: one[FATE], ends: one[ENDS], row,
          text: parent.text + one[TEXT], length: column + 1, path: [...parent.path, row],
        };
      });
      kept = found.filter(({ fate }) => fate === "kept");
      return found;
    });
  }

  function moves() {
    const row = element("div", "stepper-moves");
    const buttons = [["Step", "1"], ["Back", "-1"], ["All", "all"]];
    for (const [label, by] of buttons) {
      const button = element("button", by === "1" ? "step-on" : "", label);
      button.type = "button";
      button.dataset.open = by;
      row.append(button);
    }
    const said = element("span", "");
    said.setAttribute("aria-live", "polite");
    row.append(said);
    return row;
  }

  const score = ({ sum, length }, alpha) => sum / length ** alpha;

  // The length penalty that the dial shows, from its number: it ranks what was found at once.
  function penalty(panel) {
    const set = Number(document.querySelector(`${VIEW} #generation-beam-penalty input[type=number]`)?.value);
    return Number.isFinite(set) ? set : panel.facts.alpha;
  }

  // What is held after the steps that are open, best first; a search that has stopped returns
  // finished texts alone.
  function held(panel, alpha) {
    const open = panel.nodes.slice(0, panel.opened);
    const running = (open.at(-1) ?? []).filter(({ fate }) => fate === "kept");
    const over = panel.facts.stopped && panel.opened === panel.nodes.length;
    const finished = open.flat().filter(({ fate }) => fate === "finished");
    const best = (some) => some.sort((a, b) => score(b, alpha) - score(a, alpha) || a.length - b.length);
    return over ? [...best(finished), ...best(running)] : best([...finished, ...running]);
  }

  function show(panel) {
    const { facts, nodes: all, opened } = panel;
    const alpha = penalty(panel);
    const ranked = held(panel, alpha);
    const whole = opened === all.length;
    const [step, back, every] = panel.querySelectorAll("[data-open]");
    step.disabled = every.disabled = whole;
    back.disabled = opened === 0;
    panel.querySelector(".stepper-moves span").textContent =
      `step ${opened} of ${all.length}${whole ? `. ${facts.ended}` : ""}`;
    const tree = panel.querySelector(".search-tree");
    tree.style.setProperty("--columns", all.length);
    tree.style.setProperty("--rows", Math.max(...all.map((column) => column.length)));
    tree.replaceChildren(...all.map((column, i) => drawn(panel, column, i, ranked[0])));
    tree.scrollLeft = tree.scrollWidth * (opened / all.length) - tree.clientWidth;
    lines(panel);
    panel.querySelector(".search-below").replaceChildren(texts(panel, ranked, alpha), ...exact(panel));
  }

  function drawn(panel, column, place, best) {
    const open = place < panel.opened;
    const list = element("ol", "search-step", ...(open ? column.map((one) => {
      const part = element("li", one.fate, element("code", "", one.label), element("small", "", signed(one.sum)));
      if (best && best.path[place] === one.row && best.length > place) part.classList.add("best");
      if (panel.facts.greedy[place] === one.row) part.classList.add("greedy");
      part.title = `${one.text}${one.ends ? " (end of text)" : ""}: ${signed(one.sum)}, ${one.fate}`;
      return part;
    }) : []));
    list.setAttribute("aria-label", `Step ${place + 1}`);
    return list;
  }

  // From every candidate back to the one that it extends.
  function lines(panel) {
    const tree = panel.querySelector(".search-tree");
    tree.querySelector("svg")?.remove();
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("aria-hidden", "true");
    svg.style.width = `${tree.scrollWidth}px`;
    const columns = [...tree.querySelectorAll(".search-step")];
    panel.nodes.slice(0, panel.opened).forEach((column, place) => column.forEach(({ path, row }) => {
      const parent = place ? columns[place - 1].children[path[place - 1]] : null;
      const part = columns[place].children[row];
      if (!parent || !part) return;
      const line = document.createElementNS(svg.namespaceURI, "path");
      const [x, y] = [parent.offsetLeft + parent.offsetWidth, parent.offsetTop + parent.offsetHeight / 2];
      const [a, b] = [part.offsetLeft, part.offsetTop + part.offsetHeight / 2];
      line.setAttribute("d", `M${x} ${y}C${(x + a) / 2} ${y} ${(x + a) / 2} ${b} ${a} ${b}`);
      line.setAttribute("class", part.className);
      svg.append(line);
    }));
    tree.append(svg);
  }

  function table(heads, rows) {
    const words = heads.indexOf("text");
    const cells = (tag, values) => values.map((value, i) => element(tag, i === words ? "words" : "", value));
    return element(
      "table", "", element("thead", "", element("tr", "", ...cells("th", heads))),
      element("tbody", "", ...rows.map(([kind, ...values]) => element("tr", kind, ...cells("td", values))))
    );
  }

  function texts(panel, ranked, alpha) {
    const { facts, nodes: all, opened } = panel;
    const cut = opened === all.length ? (facts.stopped ? "dropped" : "cut") : "running";
    const rows = ranked.slice(0, LISTED).map((one, i) => [
      i ? "" : "best", element("code", "", one.text || "\u2205"), one.ends ? "ended" : cut,
      number.format(one.length), signed(one.sum), signed(score(one, alpha)),
    ]);
    const more = ranked.length - rows.length;
    const said = alpha === facts.alpha ? "" : ` Found with length penalty ${facts.alpha}, ranked with ${alpha}; Search finds anew.`;
    return element(
      "div", "", element("h2", "", "Texts, by score"),
      table(["text", "", "tokens", "sum", "score"], rows),
      element("p", "", `Score: sum / tokens to the power of ${alpha}.${more > 0 ? ` ${more} more.` : ""}${said}`)
    );
  }

  function exact({ facts, opened }) {
    if (!facts.exact.length) return [];
    const rows = facts.exact.slice(0, opened).map(([length, text, sum, found, missed]) => [
      missed ? "missed" : "", String(length), element("code", "", text), signed(sum), signed(found),
    ]);
    return [element(
      "div", "", element("h2", "", "The best of each length, by exact search"),
      table(["length", "text", "exact", "beams"], rows)
    )];
  }

  // The number of open steps is an input, so that a link carries it.
  function open(panel, by) {
    const last = panel.nodes.length;
    panel.opened = Math.max(0, Math.min(last, by === "all" ? last : panel.opened + Number(by)));
    const box = document.querySelector("#generation-beam-opened input");
    if (box) orrery.type(box, panel.opened);
    show(panel);
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".search [data-open]");
    if (button) open(button.closest("[data-widget=search]"), button.dataset.open);
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's
    const panel = orrery.at(event, ".search [data-widget=search]");
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!panel || by === undefined) return;
    open(panel, by);
    event.preventDefault();
  });

  document.addEventListener("input", (event) => {
    if (!orrery.at(event, "#generation-beam-penalty")) return;
    // Gradio's own number follows its slider before the next frame.
    requestAnimationFrame(() => document.querySelectorAll(`${VIEW} [data-widget=search]`).forEach(show));
  });
}
