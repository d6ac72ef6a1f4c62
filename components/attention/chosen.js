// The chosen head: all views of this lab show the same one, and links carry it as head=layer.head.
{
  const { element } = orrery;
  const named = /^(\d{1,3})\.(\d{1,3})$/.exec(orrery.query().get("head") ?? "");
  let chosen = named && [Number(named[1]) - 1, Number(named[2]) - 1];
  const listeners = [];
  const nameOf = (layer, head) => `${layer},${head}`;

  orrery.onHead = (listener) => listeners.push(listener);

  // Whether a model has this head: another view may show another model.
  orrery.hasHead = ({ layers, heads }, layer, head) => layer >= 0 && layer < layers && head >= 0 && head < heads;

  // The head that somebody chose, where this model has it; else the one to open on.
  orrery.chosenHead = ({ layers, heads, open }) =>
    chosen && orrery.hasHead({ layers, heads }, ...chosen) ? chosen : open.slice(0, 2);

  // Take a head that an example or a link names, as if somebody had chosen it.
  orrery.takeHead = (layer, head) => {
    chosen = [layer, head];
    for (const listener of listeners) listener(layer, head);
  };

  orrery.linked.attention = () => (chosen ? { head: chosen.map((i) => i + 1).join(".") } : {});

  // A grid of buttons, one a head, filled by `fill(button, layer, head)`: one Tab stop, then arrow keys.
  orrery.headGrid = (className, { layers, heads }, fill) => {
    const grid = element("div", className);
    grid.setAttribute("role", "group");
    grid.setAttribute("aria-label", "Heads; arrow keys go from one to the next");
    grid.style.setProperty("--heads", heads);
    grid.style.setProperty("--layers", layers);
    for (let layer = 0; layer < layers; layer++) {
      grid.append(element("span", "layer", `Layer ${layer + 1}`));
      for (let head = 0; head < heads; head++) {
        const button = element("button", "");
        button.type = "button";
        button.dataset.head = nameOf(layer, head);
        fill(button, layer, head);
        grid.append(button);
      }
    }
    return grid;
  };

  orrery.pressHead = (widget, layer, head) => {
    for (const button of widget.querySelectorAll("button[data-head]")) {
      const pressed = button.dataset.head === nameOf(layer, head);
      button.setAttribute("aria-pressed", String(pressed));
      button.tabIndex = pressed ? 0 : -1;
    }
  };

  function choose(button) {
    orrery.takeHead(...button.dataset.head.split(",").map(Number));
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, "button[data-head]");
    if (button) choose(button);
  });

  document.addEventListener("keydown", (event) => {
    const button = orrery.at(event, "button[data-head]");
    const by = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!button || !by || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const [layer, head] = button.dataset.head.split(",").map((at, axis) => Number(at) + by[axis]);
    const next = button.parentElement.querySelector(`[data-head="${nameOf(layer, head)}"]`);
    if (!next) return;
    choose(next);
    next.focus();
  });
}
