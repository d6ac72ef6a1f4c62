// A sentence as word2vec reads it: Step moves the window, whose pairs stand below.
{
  const { element, number, percent } = orrery;

  orrery.widget("windows", (part, value) => {
    part.value = value;
    show(part, value.start);
  });

  function show(part, at) {
    const { value } = part, { windows, about } = value;
    part.at = at;
    part.replaceChildren(
      moves(value, at), sentence(value, windows[at]),
      ...(windows.length ? [examples(value, windows[at])] : [element("p", "trust", "No word is left: press Read with another seed.")]),
      element("p", "trust", about)
    );
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".windows [data-window]"), part = button?.closest(".windows");
    if (!part) return;
    const { window: to, key } = button.dataset;
    show(part, Number(to));
    part.querySelector(`[data-key="${key}"]`)?.focus();
  });

  function move(text, key, to, count, kind) {
    const made = element("button", kind, text);
    made.type = "button";
    made.disabled = to < 0 || to >= count;
    Object.assign(made.dataset, { window: to, key });
    return made;
  }

  const several = (count, what) => `${number.format(count)} ${what}${count === 1 ? "" : "s"}`;

  function moves({ windows, pairs }, at) {
    const told = windows.length ? `window ${at + 1} of ${windows.length}, ${several(pairs, "pair")} in all. Under each word: its chance to be read.` : "";
    return element("div", "stepper-moves", move("Step", "on", at + 1, windows.length, "step-on"), move("Back", "back", at - 1, windows.length, ""), element("span", "", told));
  }

  // Every word with its chance to stay; one that stays is a button that puts the window there.
  function sentence({ words, windows }, shown) {
    return element("p", "window-words", ...words.map(({ text, seen, chance, stays }, place) => {
      const kind = place === shown?.centre ? "centre" : shown?.near.includes(place) ? "near" : stays ? "" : "gone";
      const made = element(stays ? "button" : "s", kind, element("span", "", text), element("small", "", seen === null ? "unknown" : chance < 1 ? `${percent(chance)} %` : "always"));
      if (stays) {
        made.type = "button";
        Object.assign(made.dataset, { window: windows.findIndex(({ centre }) => centre === place), key: `word-${place}` });
        made.setAttribute("aria-pressed", place === shown?.centre);
      }
      return made;
    }));
  }

  function examples({ words }, { centre, reach, near, wrong, wrong_centres: wrongCentres }) {
    const text = (place) => words[place].text, middle = text(centre);
    const crossed = (drawn, right) => element("small", "", "not ", ...drawn.flatMap((word, i) => [i ? " " : "", element(word === right ? "s" : "span", "", word)]));
    const pairs = near.map((place, i) => element("li", "", element("b", "centre", middle), " \u2192 ", element("b", "near", text(place)), " ", crossed(wrong[i], text(place))));
    const sum = near.flatMap((place, i) => [i ? " + " : "", element("b", "near", text(place))]);
    const average = near.length ? element("li", "", near.length > 1 ? "(" : "", ...sum, near.length > 1 ? `) / ${near.length}` : "", " \u2192 ", element("b", "centre", middle), " ", crossed(wrongCentres, middle)) : "";
    return element("div", "window-pairs",
      element("section", "", element("h2", "", `Skip-gram: ${several(pairs.length, "pair")}`), element("p", "cell-about", "The word tells each of its neighbours, one by one."), element("ol", "", ...pairs)),
      element("section", "", element("h2", "", `CBOW: ${several(near.length ? 1 : 0, "example")}`), element("p", "cell-about", "The mean of the neighbours' vectors tells the word."), element("ol", "", average),
        element("p", "cell-about", `The window drew a reach of ${reach}: up to so many on either side, of the words that stayed.`)));
  }
}
