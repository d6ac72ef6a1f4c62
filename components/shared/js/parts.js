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

  // A token label, (text, whether it is a symbol) in turn, as parts of an element: symbols, which
  // stand for what cannot be seen, are set apart.
  orrery.spelled = (spans) => spans.map(([text, symbol]) => symbol ? orrery.element("i", "", text) : text);

  // The closest part with this selector at which an event happened, or null.
  orrery.at = ({ target }, selector) => target instanceof Element ? target.closest(selector) : null;

  // The text of a part of an element.
  orrery.text = (part, selector) => part.querySelector(selector)?.textContent ?? "";

  // A button that shows and hides what stands in its column.
  document.addEventListener("click", (event) => {
    const fold = orrery.at(event, "[data-fold]");
    if (fold) fold.setAttribute("aria-expanded", String(fold.getAttribute("aria-expanded") !== "true"));
  });
}
