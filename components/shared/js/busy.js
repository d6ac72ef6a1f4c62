// Refused because many people are running: the page asks again by itself, a few times, later.
{
  const { element } = orrery;
  const TIMES = 5;
  const LOW = 2, HIGH = 6; // seconds; at random, or a whole class would ask again at once
  const waiting = new Map(); // by the id of a button

  // An event that this button stands for has failed. Its message may be drawn a little later.
  orrery.refused = (id, looks = 20) => {
    const message = [...document.querySelectorAll("[data-testid=toast-text]")].find(
      (one) => !one.dataset.seen && one.querySelector(".error-busy") // by its code
    );
    if (message) answer(id, message);
    else if (looks) setTimeout(() => orrery.refused(id, looks - 1), 100);
  };

  function answer(id, message) {
    message.dataset.seen = "yes";
    if (!document.getElementById(id)) return; // in a tab that nobody looks at
    const tries = (waiting.get(id)?.tries ?? 0) + 1;
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

  function stop() {
    for (const { timer, remark } of waiting.values()) {
      clearTimeout(timer);
      remark.remove();
    }
    waiting.clear();
  }

  for (const kind of ["pointerdown", "keydown", "input"]) {
    document.addEventListener(kind, (event) => event.isTrusted && stop(), true);
  }
}
