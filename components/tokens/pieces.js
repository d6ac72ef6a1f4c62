// Token chips: pick one, by pointer or arrow keys, and read below what is known about it.
{
  const pick = (list, chip) => {
    for (const old of list.querySelectorAll(".chip.sel")) old.classList.remove("sel");
    chip.classList.add("sel");
    const line = list.parentElement.querySelector(".opened");
    if (line) line.textContent = `${chip.querySelector("b").textContent}: ${chip.title}.`;
    chip.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("click", (event) => {
    const chip = orrery.at(event, ".chips .chip");
    if (chip) pick(chip.closest("ol.chips"), chip);
  });

  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const list = by && orrery.at(event, "ol.chips");
    if (!list) return;
    const all = [...list.querySelectorAll(".chip")];
    if (!all.length) return;
    const from = all.findIndex((chip) => chip.classList.contains("sel"));
    pick(list, all[Math.min(all.length - 1, Math.max(0, from + by))]);
    event.preventDefault();
  });
}
