// Lecture: the stage larger on the full width, and keys for what a lecturer does. The address and
// every link of the page remember it.
{
  const { at, element, query } = orrery;
  const root = document.documentElement;
  const KEYS = [
    ["r", "run", () => press(inSight("[id$=-run]"))],
    ["s", "step", () => press(inSight(".step-on, .lockstep-on"))],
    ["e", "next example", nextExample],
    ["p", "previous view", () => turn(-1)],
    ["n", "next view", () => turn(1)],
    ["?", "questions", () => root.classList.toggle("asking")],
    ["l", "leave Lecture", () => switchTo(false)],
  ];
  const shown = new Map(); // by view, the number of the example that was filled in last

  orrery.lecture = (on = query().get("lecture") === "1") => {
    root.classList.toggle("lecture", on);
    if (!on) root.classList.remove("asking");
    if (on && !document.querySelector(".keys")) document.body.append(drawKeys());
    window.dispatchEvent(new Event("resize")); // for what draws itself to measure
  };

  function drawKeys() {
    const hints = KEYS.map(([key, what]) => element("span", "", element("kbd", "", key), what));
    return element("aside", "keys", ...hints);
  }

  function switchTo(on) {
    const wanted = query();
    if (on) wanted.set("lecture", "1");
    else wanted.delete("lecture");
    const text = wanted.toString();
    history.replaceState(null, "", `${location.pathname}${text ? `?${text}` : ""}`);
    orrery.lecture(on);
    orrery.refresh(); // links carry it
  }

  // Gradio draws the button when it likes.
  orrery.watch(() => {
    const on = String(root.classList.contains("lecture"));
    const button = document.querySelector("button.lecture");
    if (button && button.ariaPressed !== on) button.ariaPressed = on;
  });

  const visible = (part) => part.getClientRects().length > 0;
  const inSight = (selector) => [...document.querySelectorAll(selector)].find(visible);
  const press = (button) => button?.click();

  // The next view of a lab; on the front page the next lab.
  function turn(by) {
    const tabs = [...document.querySelectorAll("#views [role=tab]")].filter(visible);
    const now = tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true");
    orrery.goTo(tabs[(now + by + tabs.length) % tabs.length]);
  }

  // Examples are out of sight here, but still on the page.
  function nextExample() {
    const key = inSight(".frame")?.id.replace(/-view$/, "");
    const chips = [...document.querySelectorAll(`[id="${key}-examples"] button`)];
    if (!chips.length) return;
    const next = ((shown.get(key) ?? 0) + 1) % chips.length; // a view opens on the first
    shown.set(key, next);
    chips[next].click();
  }

  document.addEventListener("click", (event) => {
    if (at(event, "button.lecture")) switchTo(!root.classList.contains("lecture"));
  });

  document.addEventListener("keydown", (event) => {
    if (!root.classList.contains("lecture") || event.ctrlKey || event.altKey || event.metaKey) return;
    if (at(event, "input, textarea, select, [contenteditable]")) return;
    const found = KEYS.find(([key]) => key === event.key);
    if (!found) return;
    event.preventDefault();
    found[2]();
  });
}
