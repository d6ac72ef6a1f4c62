// Let others watch the trainings of this page: the key goes with what is asked for, so that the
// server shows it under the link.
{
  const LEAD = "Whoever has this link follows every training of this page, from the next one on.";

  // again: the link before has been forgotten.
  async function share(again = false) {
    const opened = await orrery.opened("watch", again);
    const box = document.querySelector("#ladder-train-watched textarea, #ladder-train-watched input");
    orrery.type(box, `${opened.key}.${opened.code}`);
    const say = orrery.share("watch", opened, "Watch this bench", LEAD, () => leave());
    const leave = orrery.follow(`${orrery.placeOf("watch", opened.code)}/news`, {
      state() {},
      people: (count) => say(count - 1), // one of them is this page
      refused(sentence) {
        say(sentence);
        if (again) return;
        document.querySelector("dialog.share")?.close();
        share(true);
      },
    });
  }

  document.addEventListener("click", async (event) => {
    const button = orrery.at(event, "#ladder-train-view .let-watch");
    if (!button) return;
    const remark = button.nextElementSibling;
    remark.textContent = "";
    try {
      await share();
    } catch (error) {
      remark.textContent = error instanceof TypeError ? "The connection is lost. Try again." : error.message;
    }
  });
}
