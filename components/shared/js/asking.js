// What sets inputs of a view and runs it, as if they had been typed: so a link carries them.
{
  const setters = [HTMLTextAreaElement, HTMLInputElement]
    .map((kind) => [kind, Object.getOwnPropertyDescriptor(kind.prototype, "value").set]);

  // As if it had been typed. Gradio's page hears of no other change of a box.
  orrery.type = (box, value) => {
    setters.find(([kind]) => box instanceof kind)[1].call(box, String(value));
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };

  orrery.ask = (view, inputs) => {
    for (const [name, value] of Object.entries(inputs)) {
      const box = document.querySelector(`#${view}-${name} :is(textarea, input:not([type=range]))`);
      if (box) orrery.type(box, value);
    }
    // Gradio takes the new values over before its next frame.
    requestAnimationFrame(() => document.getElementById(`${view}-run`)?.click());
  };

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, "[data-inputs]");
    if (!button) return;
    const view = button.closest(".frame").id.replace(/-view$/, "");
    orrery.ask(view, JSON.parse(button.dataset.inputs));
  });
}

// What is typed into some boxes is asked for by itself, a moment after the last key.
{
  const PAUSE = 100; // ms
  const timers = new Map(); // by view

  const viewOf = (part) => part.closest(".frame").id.replace(/-view$/, "");

  document.addEventListener("input", (event) => {
    const box = event.isTrusted && orrery.at(event, ".frame .typed");
    if (!box) return;
    const view = viewOf(box);
    clearTimeout(timers.get(view));
    timers.set(view, setTimeout(() => document.getElementById(`${view}-typed`)?.click(), PAUSE));
  });

  // Whoever presses the button is answered by it.
  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".frame [id$=-run]");
    if (button) clearTimeout(timers.get(viewOf(button)));
  }, true);
}
