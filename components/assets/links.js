// Links: ?view=key&name=value, read when the page opens and written on request; and downloads.
{
  const { element } = orrery;
  const query = () => new URLSearchParams(location.search);

  orrery.restore = ([key, spec], values) => {
    const given = query().get("view") === key ? query() : new URLSearchParams();
    const kept = orrery.kept([key, spec]);
    const remarks = [];
    const restored = spec.map(([name, ...limits], i) => {
      const asked = given.get(name);
      if (asked !== null) return checked(name, asked, limits, values[i], remarks);
      if (!(name in kept)) return values[i];
      return checked(name, String(kept[name] ?? ""), limits, values[i], []);
    });
    if (remarks.length) say(key, `${remarks.join(". ")}.`);
    return restored;
  };

  function checked(name, asked, limits, otherwise, remarks) {
    if (Array.isArray(limits[0])) return oneOf(name, asked, limits[0], otherwise, remarks);
    return limits[0] === null ? asked : within(name, asked, limits, otherwise, remarks);
  }

  function oneOf(name, asked, choices, otherwise, remarks) {
    if (choices.includes(asked)) return asked;
    remarks.push(`${name} is one of ${choices.join(", ")}; ${otherwise} is used`);
    return otherwise;
  }

  function within(name, asked, [low, high, step], otherwise, remarks) {
    const number = Number(asked);
    if (asked.trim() === "" || !Number.isFinite(number)) {
      remarks.push(`${name} is not a number in the link; ${otherwise} is used`);
      return otherwise;
    }
    const size = step || 1;
    const nearest = Number((low + Math.round((number - low) / size) * size).toFixed(6));
    const used = Math.min(high, Math.max(low, nearest));
    if (Math.abs(used - number) > 1e-9) {
      remarks.push(`${name} goes from ${low} to ${high} in steps of ${size}; ${used} is used`);
    }
    return used;
  }

  function say(key, text, tries = 300) {
    const line = document.querySelector(`#${key}-view .address`);
    if (line) line.textContent = text;
    else if (tries) requestAnimationFrame(() => say(key, text, tries - 1)); // not drawn yet
  }

  orrery.link = async ([key, spec], values) => {
    const wanted = new URLSearchParams({ view: key });
    spec.forEach(([name], i) => wanted.set(name, values[i]));
    if (document.documentElement.classList.contains("lecture")) wanted.set("lecture", "1");
    const address = `${location.origin}${location.pathname}?${wanted}`;
    history.replaceState(null, "", address);
    let copied = false;
    try {
      // Over plain http on a local network browsers offer no clipboard: the address bar has it too.
      await navigator.clipboard.writeText(address);
      copied = true;
    } catch {}
    const shown = element("p", "address", address);
    shown.prepend(element("b", "", copied ? "Copied: " : "In the address bar: "));
    return shown.outerHTML;
  };

  orrery.openLinkedTab = () => {
    const key = query().get("view");
    const tab = key && document.getElementById(`${CSS.escape(key)}-tab-button`);
    if (tab && tab.getAttribute("aria-selected") !== "true") tab.click();
    return !key || Boolean(tab);
  };

  // ---- Lecture: everything half as large again; remembered in the address

  orrery.lecture = (on = query().get("lecture") === "1") => {
    document.documentElement.classList.toggle("lecture", on);
    document.querySelector("button.lecture")?.setAttribute("aria-pressed", String(on));
    window.dispatchEvent(new Event("resize")); // for what draws itself to measure
  };

  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("button.lecture")) return;
    const on = !document.documentElement.classList.contains("lecture");
    const wanted = query();
    if (on) wanted.set("lecture", "1");
    else wanted.delete("lecture");
    const text = wanted.toString();
    history.replaceState(null, "", `${location.pathname}${text ? `?${text}` : ""}`);
    orrery.lecture(on);
  });

  // ---- Download: what is on stage, as JSON, made here without a request

  const text = (part, selector) => part.querySelector(selector)?.textContent ?? "";

  const EXPORTS = {
    ".chip": (chip) => ({
      text: text(chip, "b"), id: Number(text(chip, "span")), about: chip.title,
    }),
    ".strip": (strip) => ({
      tokenizer: text(strip, "h3"), facts: text(strip, ".facts"),
      pieces: [...strip.querySelectorAll(".pieces span")].map((piece) => piece.textContent),
    }),
    ".bars": (list) => ({
      title: text(list, "h2"),
      rows: [...list.querySelectorAll(".bar")].map((row) => ({
        word: text(row, "code"), value: text(row, ".value"), remark: text(row, ".remark"),
        query: row.classList.contains("query"),
      })),
    }),
    ".attention": (widget) => orrery.attentionExport(widget),
    ".removal": (panel) => JSON.parse(panel.dataset.facts),
    ".stepper": (stage) => ({
      prompt: text(stage, "em"),
      written: [...stage.querySelectorAll(".t")].map((token) => ({
        text: token.textContent, about: token.title.split(":")[0],
      })),
      next: [...stage.querySelectorAll(".bar")].map((row) => ({
        id: Number(row.dataset.token), text: text(row, "code"), probability: text(row, ".value"),
        remark: text(row, ".remark"),
      })),
    }),
    ".lane": (lane) => ({
      strategy: text(lane, ".heading b"),
      prompt: text(lane, "em"),
      tokens: [...lane.querySelectorAll(".t")].map((token) => ({
        text: token.textContent, ...JSON.parse(token.dataset.step),
      })),
    }),
  };

  orrery.download = (key) => {
    const content = { view: key };
    for (const [selector, read] of Object.entries(EXPORTS)) {
      const parts = [...document.querySelectorAll(`#${key}-view ${selector}`)];
      if (parts.length) content[selector.slice(1)] = parts.map(read);
    }
    const blob = new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
    const anchor = element("a", "");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = `orrery-${key}.json`;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  };
}
