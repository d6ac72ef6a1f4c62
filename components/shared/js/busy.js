// Refused because many people are running: the page asks again by itself, a few times, later.
{
  const { element } = orrery;
  const TIMES = 5;
  const LOW = 2, HIGH = 6; // seconds; at random, or a whole class would ask again at once
  const TEXTS = "textarea, input:not([type=range], [type=radio], [type=checkbox])";
  const ENDS = ["Enter", "Tab"]; // keys that send a text or leave it
  const waiting = new Map(); // by the id of a button: what it waits for, one timer at most
  let typing = false; // since the last press: a text that is not whole yet is not run by itself

  // An event that this button stands for has failed. Its message is drawn later, by seconds where the page is busy.
  orrery.refused = (id, looks = 100) => {
    const message = [...document.querySelectorAll("[data-testid=toast-text]")].find(
      (one) => !one.dataset.seen && one.querySelector(".error-busy") // by its code
    );
    if (message) answer(id, message);
    else if (looks) setTimeout(() => orrery.refused(id, looks - 1), 100);
  };

  function answer(id, message) {
    message.dataset.seen = "yes";
    if (typing || !document.getElementById(id)) return; // or in a tab that nobody looks at
    const before = waiting.get(id);
    if (before) end(before); // two runs were refused at once: they wait as one
    const tries = (before?.tries ?? 0) + 1;
    if (tries > TIMES) {
      message.append(element("p", "", `This page has tried ${TIMES} times; run it again later.`));
      return;
    }
    const seconds = LOW + (HIGH - LOW) * Math.random();
    const remark = element("p", "",
      `This page tries again by itself in ${Math.round(seconds)} s (${tries} of ${TIMES}), ` +
      "unless you press or type anything."
    );
    message.append(remark);
    const timer = setTimeout(() => press(id, message), 1000 * seconds);
    waiting.set(id, { tries, timer, remark });
  }

  function press(id, message) {
    const toast = message.closest("[data-testid=toast-body]");
    const messages = [...(toast?.querySelectorAll("[data-testid=toast-text]") ?? [])];
    if (messages.every((one) => one.dataset.seen)) {
      toast?.querySelector("[data-testid=toast-close]")?.click(); // it is no longer true
    }
    document.getElementById(id)?.click();
  }

  function end({ timer, remark }) {
    clearTimeout(timer);
    remark.remove();
  }

  function stop(event) {
    if (!event.isTrusted) return;
    if (event.type === "input") typing = event.target.matches(TEXTS);
    else if (event.type === "pointerdown" || ENDS.includes(event.key)) typing = false;
    waiting.forEach(end);
    waiting.clear();
  }

  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, stop, true);
  }
}
