// A guess at a token: what is typed finds the tokens that begin so, or those that it begins with.
{
  const { element, number } = orrery;
  const SHOWN = 12;
  const SPACE = "\u00b7"; // as names of tokens write one

  // Numbers of the tokens that are meant, the likeliest first: the text itself, then the shortest.
  function matches(names, typed) {
    const text = typed.replaceAll(" ", SPACE);
    const meant = text.startsWith(SPACE) ? [text] : [`${SPACE}${text}`, text];
    const begins = (name) => (meant.findIndex((one) => name.startsWith(one)) + 3) % 3; // 2: in other case
    const far = (name) => meant.includes(name) ? meant.indexOf(name) - 2 : 100 * begins(name) + name.length;
    const found = (fits) => names.flatMap((name, id) => fits(name) ? [id] : [])
      .sort((a, b) => far(names[a]) - far(names[b]) || a - b);
    const longer = found((name) => meant.some((one) => name.toLowerCase().startsWith(one.toLowerCase())));
    if (longer.length) return longer;
    const shorter = (a, b) => names[b].length - names[a].length || b - a;
    return found((name) => meant.some((one) => one.startsWith(name))).sort(shorter);
  }

  // names: of every token. tried: those that were wrong. press(number); giveUp().
  orrery.tokenSearch = (names, tried, press, giveUp) => {
    const input = element("input");
    Object.assign(input, { type: "text", autocomplete: "off", spellcheck: false, maxLength: 40 });
    input.setAttribute("autocapitalize", "off");
    const label = element("label", "", "The next token ", input);
    const show = element("button", "", "Show it");
    show.type = "button";
    show.addEventListener("click", giveUp);
    const form = element("form", "token-search", label, element("button", "", "Guess"), show);
    const list = element("div", "found-tokens");
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", "Tokens that begin so");
    const left = () => input.value ? matches(names, input.value).filter((id) => !tried.has(id)) : [];
    const fill = () => {
      const found = left();
      const buttons = found.slice(0, SHOWN).map((id) => {
        const made = element("button", "", names[id]);
        made.type = "button";
        made.addEventListener("click", () => press(id));
        return made;
      });
      const more = found.length - buttons.length;
      const wrong = [...tried].map((id) => element("s", "", names[id]));
      list.replaceChildren(...buttons, ...more > 0 ? [element("span", "", `and ${number.format(more)} more`)] : [],
        ...input.value && !found.length ? [element("span", "", "No other token begins so.")] : [], ...wrong);
    };
    input.addEventListener("input", fill);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [first] = left();
      if (first !== undefined) press(first);
    });
    fill();
    return [form, list];
  };
}
