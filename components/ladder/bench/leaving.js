// A dial that is touched leaves the experiment, whose dials are its own; and a text of one's own has
// its box in sight only where it is chosen.
{
  function leave(event) {
    if (!event.isTrusted || !orrery.at(event, "#ladder-train-dials") || orrery.at(event, "[data-fold]")) return;
    const box = document.querySelector("#ladder-train-experiment textarea");
    if (!box?.value) return;
    orrery.type(box, "");
  }
  for (const kind of ["pointerdown", "input", "keydown"]) document.addEventListener(kind, leave);

  orrery.watch(() => {
    const chosen = document.querySelector("#ladder-train-text input")?.value;
    document.querySelector("#ladder-train-view")?.classList.toggle("own-text", chosen === "Your own");
  });
  document.addEventListener("change", () => orrery.refresh());
}
