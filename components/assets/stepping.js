// Step by step: a button on stage names the text that it leads to, and the server looks at it.
{
  // As if it had been typed and Enter pressed: so a link carries it and a reload keeps it.
  const type = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;

  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest(".stepper [data-keep]");
    const box = document.querySelector("#steps-written textarea");
    if (!button || !box) return;
    const [model, ...written] = button.closest(".stepper").dataset.written.split(" ");
    const { keep, token } = button.dataset;
    const tokens = [...written.slice(0, Number(keep)), ...(token ? [token] : [])];
    type.call(box, [model, ...tokens].join(" "));
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
  });
}
