// Widgets: every element with data-widget="name" is drawn by what is registered under that name.
{
  const widgets = new Map();
  const watchers = [];
  let scheduled = false;

  // draw(element, value): called when the element appears and when its data-value (JSON) changes;
  // without data-value it is called after every change of the page.
  orrery.widget = (name, draw) => widgets.set(name, draw);

  // Call this after every change of the page.
  orrery.watch = (callback) => watchers.push(callback);

  // For a widget that changes what it has drawn instead of drawing anew: Gradio's page, which empties
  // the element child by child before every answer, takes nothing out of it.
  orrery.keepDrawn = (element) => { element.removeChild = (child) => child; };

  orrery.refresh = () => {
    scheduled = false;
    for (const callback of watchers) callback();
    for (const element of document.querySelectorAll("[data-widget]")) draw(element);
  };

  function draw(element) {
    const widget = widgets.get(element.dataset.widget);
    const { value } = element.dataset;
    if (!widget) return;
    // Gradio keeps the element of an earlier answer where it can, and empties it.
    if (value !== undefined && element.drawnFrom === value && element.firstChild) return;
    element.drawnFrom = value;
    widget(element, value === undefined ? undefined : JSON.parse(value));
  }

  // Gradio writes the ends of a slider with a hyphen for a minus sign.
  orrery.watch(() => {
    for (const { firstChild: end } of document.querySelectorAll(".dial .min_value")) {
      if (end?.data?.startsWith("-")) end.data = end.data.replace("-", "\u2212");
    }
  });

  // Gradio draws and redraws the parts as it likes.
  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(orrery.refresh);
  }).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true,
    attributeFilter: ["data-value", "data-step", "aria-selected"],
  });
}
