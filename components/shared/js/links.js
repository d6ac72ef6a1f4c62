// Links: ?view=key&name=value, read when a view opens and written on request; and saved files.
{
  const { element, query } = orrery;

  const LONGEST = 4000; // characters of a text in a link: servers refuse much longer addresses

  orrery.restore = ([key, spec], values) => {
    const given = query().get("view") === key ? query() : new URLSearchParams();
    const kept = orrery.kept([key, spec]);
    const remarks = [];
    const restored = spec.map(([name, ...limits], i) => {
      const asked = given.get(name);
      const found = asked !== null ? checked(name, asked, limits, values[i], remarks)
        : name in kept ? checked(name, String(kept[name] ?? ""), limits, values[i], []) : values[i];
      const [offer] = orrery.offered([name, ...limits]);
      return offer ? { ...offer, value: found } : found;
    });
    if (remarks.length) say(key, `${remarks.join(". ")}.`);
    return restored;
  };

  function checked(name, asked, limits, otherwise, remarks) {
    if (Array.isArray(limits[0])) {
      if (orrery.trained(limits[1]).some((one) => one.name === asked)) return asked;
      return oneOf(name, asked, limits[0], otherwise, remarks);
    }
    return limits[0] === null ? asked : within(name, asked, limits, otherwise, remarks);
  }

  function oneOf(name, asked, choices, otherwise, remarks) {
    const found = choices.find((one) => String(one) === asked);
    if (found !== undefined) return found;
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
    const used = Math.min(high ?? Infinity, Math.max(low, nearest));
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
    const named = spec.map(([name], i) => [name, values[i]])
      .filter(([, value], i) => value != null && !(value === "" && spec[i][3]) && !orrery.speaks(value));
    const shared = named.filter(([, value]) => !orrery.isTrained(value));
    const given = shared.filter(([, value]) => !(value.length > LONGEST)); // an emptied number is none
    const inputs = Object.fromEntries(given);
    Object.assign(inputs, orrery.linked[key.split("-")[0]]?.(), orrery.linked[key]?.());
    const address = `${location.origin}${orrery.addressOf(key, inputs)}`;
    history.replaceState(null, "", address);
    let copied = false;
    try {
      // Over plain http on a local network browsers offer no clipboard: the address bar has it too.
      await navigator.clipboard.writeText(address);
      copied = true;
    } catch {}
    const shown = element("p", "address", address);
    shown.prepend(element("b", "", copied ? "Copied: " : "In the address bar: "));
    if (shared.length < named.length) {
      shown.prepend(element("b", "", "What was trained here stays in this tab and is not in the link. "));
    }
    if (given.length < shared.length) {
      const most = `The text is longer than ${LONGEST} characters and not in the link. `;
      shown.prepend(element("b", "", most));
    }
    return shown.outerHTML;
  };

  // Saves a value as a file.
  orrery.save = (key, value) => {
    const text = orrery.untold(JSON.stringify(value, null, 1));
    orrery.saveAs(`orrery-${key}.json`, new Blob([text], { type: "application/json" }));
  };

  orrery.saveAs = (name, blob) => {
    const anchor = element("a", "");
    anchor.href = URL.createObjectURL(blob);
    anchor.download = name;
    anchor.click();
    URL.revokeObjectURL(anchor.href);
  };
}
