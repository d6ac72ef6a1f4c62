// What was typed is there again after a reload and on the way back: it stays in this tab of the
// browser, and is not sent for that.
{
  const NAME = "orrery-inputs";
  const opened = new Set(); // views whose inputs have been put back; before that they only open
  const boxes = {}; // by the id of its element, the view and name of a text
  const how = performance.getEntriesByType("navigation")[0]?.type;
  const again = how === "reload" || how === "back_forward"; // any other visit opens with the examples
  const inputs = read();

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(NAME)) ?? {};
    } catch {
      return {}; // a browser may forbid storage, in a frame of another site above all
    }
  }

  function put(key, values) {
    inputs[key] = { ...inputs[key], ...values }; // two groups of inputs may share a view
    try {
      sessionStorage.setItem(NAME, JSON.stringify(inputs));
    } catch {}
  }

  // The inputs of a view as they were when this page was left, by name.
  orrery.kept = ([key, spec]) => {
    opened.add(key);
    if (!again) delete inputs[key];
    for (const [name, limits, id] of spec) if (limits === null && id) boxes[id] = [key, name];
    return inputs[key] ?? {};
  };

  orrery.keep = ([key, spec], values) => {
    if (opened.has(key)) put(key, Object.fromEntries(spec.map(([name], i) => [name, values[i]])));
  };

  // Gradio tells of no change once its connection is lost, and people go on typing.
  document.addEventListener("input", ({ target }) => {
    const box = target instanceof Element && boxes[target.closest("[id]")?.id];
    if (box) put(box[0], { [box[1]]: target.value });
  });
}
