// A text as models read it: pick a token in any lane, see what each model expected in its place.
{
  const { element, number, percent, bar } = orrery;

  let shown = orrery.query().get("picture") === "phrase" ? "phrase" : "text";
  orrery.linked["generation-text"] = () => (shown === "text" ? {} : { picture: shown });

  orrery.widget("reading", (section, facts) => {
    section.facts = facts;
    pick(section, facts.open);
    show(section);
  });

  // One picture at a time; without a phrase there is no other.
  function show(section) {
    const buttons = [...section.querySelectorAll("[data-shows]")];
    const one = buttons.length ? shown : "text";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.shows === one));
    for (const part of section.querySelectorAll("[data-picture]")) part.hidden = part.dataset.picture !== one;
  }

  // at: a byte of the text. Models may cut it differently; each shows the token that holds it.
  function pick(section, at) {
    const chosen = section.facts.models.map(({ tokens }) =>
      Math.max(0, tokens.findIndex(({ span: [, end] }) => at < end)));
    [...section.querySelectorAll(".read")].forEach((list, i) => mark(list, chosen[i], i));
    section.querySelector(".picked").replaceChildren(
      ...section.facts.models.map((model, i) => column(model, chosen[i]))
    );
  }

  function mark(list, place, lane) {
    for (const old of list.querySelectorAll(".sel")) {
      old.classList.remove("sel");
      old.removeAttribute("aria-selected");
    }
    const token = list.children[place];
    token.classList.add("sel");
    token.setAttribute("aria-selected", "true");
    token.id = `reading-${lane}-${place}`;
    list.setAttribute("aria-activedescendant", token.id);
  }

  function column({ title, vocabulary, tokens }, place) {
    const { label, bits, entropy, rank, own, expected } = tokens[place];
    const rows = expected.map(([name, share], i) => [name, share, i + 1 === rank ? "hit" : ""]);
    if (rank > rows.length) rows.push([label, own, "hit"]);
    const widest = Math.max(...rows.map(([, share]) => share));
    const rest = Math.max(0, 1 - rows.reduce((sum, [, share]) => sum + share, 0));
    const others = vocabulary - rows.length;
    if (others > 0) rows.push([`${number.format(others)} others`, rest, "rest"]);
    return element(
      "div", "",
      element("h3", "", title),
      element("p", "", element("code", "", label), ` came: ${bits.toFixed(1)} bits, ${percent(own)}\u00a0%, rank ${number.format(rank)} of ${number.format(vocabulary)}. Entropy before it: ${entropy.toFixed(1)} bits.`),
      ...rows.map(([name, share, kind]) => {
        const row = bar(name, [[share, "kept"]], { widest, kind });
        row.title = `${name}: ${percent(share)} %`;
        return row;
      })
    );
  }

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".reading [data-shows]");
    if (button) {
      shown = button.dataset.shows;
      show(button.closest(".reading"));
    }
    const token = orrery.at(event, ".read .t");
    if (token) pick(token.closest(".reading"), Number(token.dataset.at));
  });

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser's
    const list = orrery.at(event, ".read");
    const by = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (!list || by === undefined) return;
    const tokens = [...list.children];
    const from = tokens.findIndex((token) => token.classList.contains("sel"));
    const next = tokens[Math.min(tokens.length - 1, Math.max(0, from + by))];
    pick(list.closest(".reading"), Number(next.dataset.at));
    event.preventDefault();
  });
}
