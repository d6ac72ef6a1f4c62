// A link under which others follow: asked for once a tab, shown large with its QR code.
{
  const { element } = orrery;
  const NAME = "orrery-shared";
  const LOCAL = ["localhost", "127.0.0.1", "[::1]"];
  const SVG = "http://www.w3.org/2000/svg";
  const shared = read(); // by its kind: { key, code, qr }

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(NAME)) ?? {};
    } catch {
      return {};
    }
  }

  const KEY = /^[\w-]{22}\.[\w-]{4,22}$/; // key and code

  // Whether this is a key to what others follow: it stands in no link.
  orrery.speaks = (value) => typeof value === "string" && KEY.test(value);

  const bare = (path) => `${location.origin}${orrery.address(path).split("?")[0]}`;
  orrery.placeOf = (kind, code) => bare(`${kind}/${code}`);

  // A text that is saved, without the keys of this tab.
  orrery.unsaid = (text) => Object.values(shared).reduce((all, { key }) => all.replaceAll(key, ""), text);

  // What others may follow, of this kind; made anew where there is none yet. Throws a sentence.
  orrery.opened = async (kind, again = false) => {
    if (!shared[kind] || again) {
      const answer = await fetch(bare(kind), { method: "POST", body: `${bare(kind)}/` });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.detail);
      shared[kind] = told;
      try {
        sessionStorage.setItem(NAME, JSON.stringify(shared));
      } catch {} // then it lasts until the page is left
    }
    return shared[kind];
  };

  function code({ size, path }) {
    const svg = document.createElementNS(SVG, "svg");
    const drawn = document.createElementNS(SVG, "path");
    svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
    svg.setAttribute("class", "qr");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", "The same link as a QR code");
    drawn.setAttribute("d", path);
    drawn.setAttribute("stroke", "#000");
    svg.append(drawn);
    return svg;
  }

  // Show what is shared in a dialog. title, lead: what it is, and what others see there. closed: called
  // once it is. Returns what says in it how many others follow, or a sentence.
  orrery.share = (kind, { code: name, qr }, title, lead, closed = () => {}) => {
    const place = orrery.placeOf(kind, name);
    const copy = element("button", "copy", "Copy the link");
    const close = element("button", "close", "Close");
    const people = element("p", "people", "Nobody follows yet.");
    people.setAttribute("aria-live", "polite");
    const parts = [element("h2", "", title), element("p", "", lead), qr ? code(qr) : "", element("p", "where", place)];
    if (LOCAL.includes(location.hostname)) {
      parts.push(element("p", "local", "This address works on this machine alone: open this page by the machine's own name or address, so that others can follow."));
    }
    const dialog = element("dialog", "share", ...parts, people, element("menu", "", copy, close));
    dialog.setAttribute("aria-label", title);
    for (const button of [copy, close]) button.type = "button";
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(place);
        copy.textContent = "Copied";
      } catch { // over plain http browsers offer no clipboard
        getSelection().selectAllChildren(dialog.querySelector(".where"));
        copy.textContent = "Selected: copy it";
      }
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      closed();
    });
    document.querySelector(".gradio-container").append(dialog);
    dialog.showModal();
    return (told) => {
      if (typeof told === "string") people.textContent = told;
      else people.textContent = told > 0 ? `${orrery.number.format(told)} ${told === 1 ? "follows" : "follow"}.` : "Nobody follows yet.";
    };
  };
}
