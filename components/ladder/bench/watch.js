// Let others watch the trainings of this page: the key goes with what is asked for, so that the
// server shows it under the link.
document.addEventListener("click", async (event) => {
  const button = orrery.at(event, "#ladder-train-view .let-watch");
  if (!button) return;
  const remark = button.nextElementSibling;
  remark.textContent = "";
  try {
    const opened = await orrery.opened("watch");
    const box = document.querySelector("#ladder-train-watched textarea, #ladder-train-watched input");
    orrery.type(box, `${opened.key}.${opened.code}`);
    const lead = "Whoever has this link follows every training of this page, from the next one on.";
    const say = orrery.share("watch", opened, "Watch this bench", lead, () => leave());
    const leave = orrery.follow(`${orrery.placeOf("watch", opened.code)}/news`, {
      state() {},
      people: (count) => say(count - 1), // one of them is this page
      refused: say,
    });
  } catch (error) {
    remark.textContent = error instanceof TypeError ? "The connection is lost. Try again." : error.message;
  }
});
