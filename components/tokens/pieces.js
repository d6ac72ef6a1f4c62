// A text in running pieces, and below it a chip for every token: what is marked in one is marked in
// the other, by pointer or arrow keys, and the line between them says what is known about it.
{
  const { element, number, spelled } = orrery;
  const HINT = "Point at a piece or a token, pick one, or step through them with the arrow keys.";
  let bytes = false; // whether the bytes of every token are unfolded
  let ruled = false; // whether the ruler is
  let scrolled = [0, 0]; // how far both lists are: a letter more moves nothing

  // Where a line ends it does so here too.
  const running = (spans) => spans.flatMap(([text, symbol]) =>
    symbol ? [element("i", "", text), ...(text.includes("↵") ? ["\n".repeat(text.split("↵").length - 1)] : [])] : [text]);

  orrery.widget("pieces", (part, value) => {
    const { kinds, shapes, order, unseen } = value;
    const chips = [], groups = [], texts = [], items = [];
    for (const shape of order) {
      const [text, used] = shapes[shape];
      const place = groups.length;
      const colour = used.length ? `c${chips.length % 4}` : "gap";
      texts.push(element("span", used.length > 1 ? `${colour} several` : colour, ...running(text)));
      const own = used.map((kind) => {
        const made = chip(kinds[kind], chips.length);
        chips.push({ made, kind, place });
        return made;
      });
      groups.push({ text: texts.at(-1), tokens: own.map((_, i) => chips.length - own.length + i) });
      items.push(item(own, text));
    }
    const list = element("ol", "chips", ...items);
    const whole = element("p", "running pieces", ...texts);
    Object.assign(part, { kinds, chips, groups, shapes, order, list, whole, told: element("p", "opened", HINT), at: null });
    part.told.setAttribute("role", "status");
    for (const [box, role, label] of [[list, "", "Tokens"], [whole, "group", "The text in pieces"]]) {
      box.tabIndex = 0;
      box.setAttribute("aria-label", label);
      if (role) box.setAttribute("role", role);
    }
    const rest = unseen ? [element("p", "about", `And ${number.format(unseen)} more tokens, which are counted and not shown.`)] : [];
    part.replaceChildren(whole, element("div", "between", part.told, fold()), list, ...rest);
    if (bytes) unfold(part);
    [whole.scrollTop, list.scrollTop] = scrolled;
    const ruler = part.parentElement.querySelector(".ruler");
    if (ruler) ruler.open = ruled;
  });

  function chip([label, id, , below, , unknown], position) {
    return element("li", `chip c${position % 4}${unknown ? " unknown" : ""}`, element("b", "", ...spelled(label)),
      element("span", "", String(id)), ...(below ? [element("small", "", below)] : []));
  }

  // A character of several tokens, or several that belong together, stands above them; of what no
  // token holds there is the text alone.
  function item(own, text) {
    if (!own.length) {
      const gap = element("li", "gap", ...spelled(text.map(([one]) => [one.replaceAll(" ", "·"), true])));
      gap.title = `lost: no token holds ${gap.textContent}`;
      return gap;
    }
    return own.length === 1 ? own[0] : element("li", "group", element("b", "whole", ...spelled(text)), element("ol", "", ...own));
  }

  function fold() {
    const made = element("button", "bytes", "Bytes");
    made.type = "button";
    made.setAttribute("aria-pressed", bytes);
    return made;
  }

  // The bytes are written once somebody asks for them.
  function unfold(part) {
    for (const { made, kind } of part.chips) {
      const old = made.querySelector(".hex");
      if (bytes && !old) made.append(element("small", "hex", part.kinds[kind][2]));
      else if (!bytes) old?.remove();
    }
  }

  // What an event is about: a token, or a group of them that stands for one stretch of the text.
  function target(part, event) {
    const made = orrery.at(event, ".chip"), text = orrery.at(event, ".running span");
    if (made) return { token: part.chips.findIndex((one) => one.made === made) };
    return text ? { place: part.groups.findIndex((one) => one.text === text) } : null;
  }

  function parts(part, found) {
    if (!found) return [];
    if (found.token !== undefined) {
      const { made, place } = part.chips[found.token];
      return [made, part.groups[place].text];
    }
    const { text, tokens } = part.groups[found.place];
    return [text, ...tokens.map((token) => part.chips[token].made)];
  }

  function mark(part, name, found) {
    for (const old of part.querySelectorAll(`.${name}`)) old.classList.remove(name);
    for (const one of parts(part, found)) one.classList.add(name);
    part.told.textContent = (found ?? part.at) ? about(part, found ?? part.at) : HINT;
  }

  const read = (spans) => spans.map(([text]) => text).join("");

  function about(part, found) {
    if (found.token !== undefined) return one(part, found.token);
    const { tokens } = part.groups[found.place];
    const [text] = part.shapes[part.order[found.place]];
    if (tokens.length === 1) return one(part, tokens[0]);
    if (!tokens.length) return `${read(text).replaceAll(" ", "·")}: lost, no token holds it.`;
    const ids = tokens.map((token) => part.kinds[part.chips[token].kind][1]);
    return `${read(text)}: ${tokens.length} tokens, from ${tokens[0] + 1} to ${tokens.at(-1) + 1}, ids ${ids.join(", ")}.`;
  }

  function one(part, token) {
    const [label, id, hex, , facts] = part.kinds[part.chips[token].kind];
    return `${read(label)}: token ${number.format(token + 1)}, id ${id}, bytes ${hex}${facts ? `, ${facts}` : ""}.`;
  }

  function pick(part, found) {
    part.at = found;
    mark(part, "sel", found);
    for (const one of parts(part, found).slice(0, 2)) one.scrollIntoView({ block: "nearest" });
  }

  const partOf = (event) => orrery.at(event, ".tokens-laid");

  document.addEventListener("pointerover", (event) => {
    const part = partOf(event);
    if (part?.chips) mark(part, "on", target(part, event));
  });

  document.addEventListener("pointerout", (event) => {
    const part = partOf(event);
    if (part?.chips && !part.contains(event.relatedTarget)) mark(part, "on", null);
  });

  document.addEventListener("click", (event) => {
    const part = partOf(event);
    if (!part?.chips) return;
    if (orrery.at(event, "button.bytes")) {
      bytes = !bytes;
      unfold(part);
      part.querySelector("button.bytes").setAttribute("aria-pressed", bytes);
      return;
    }
    const found = target(part, event);
    if (found) pick(part, found);
  });

  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const part = by && partOf(event);
    if (!part?.chips || !orrery.at(event, ".chips, .running")) return;
    const tokens = orrery.at(event, ".chips");
    const kind = tokens ? "token" : "place";
    const last = (tokens ? part.chips : part.groups).length - 1;
    if (last < 0) return;
    const at = part.at?.[kind] ?? (part.at ? other(part, kind) : -1);
    pick(part, { [kind]: Math.min(last, Math.max(0, at + by)) });
    event.preventDefault();
  });

  // Where to go on in one list after something was picked in the other.
  function other(part, kind) {
    return kind === "token" ? part.groups[part.at.place].tokens[0] ?? 0 : part.chips[part.at.token].place;
  }

  document.addEventListener("scroll", (event) => {
    const part = partOf(event);
    if (part?.chips) scrolled = [part.whole.scrollTop, part.list.scrollTop];
  }, true);

  // Gradio folds it with every answer, so what counts is who pressed it.
  document.addEventListener("click", (event) => {
    const summary = orrery.at(event, ".ruler summary");
    if (summary) ruled = !summary.parentElement.open;
  });
}
