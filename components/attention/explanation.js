// Six explanations of one prediction: the same text six times, every token filled by its share.
{
  const { element, percent, signed } = orrery;
  const VIEW = "attention-explanation";

  orrery.widget("explained", (panel, value) => {
    const same = panel.facts?.labels.join("\n") === value.labels.join("\n") && panel.picked < value.read;
    panel.facts = value;
    const rows = element("div", "explained-rows", ...value.rows.map((row, i) => line(value, row, i)));
    rows.tabIndex = 0;
    rows.setAttribute("role", "group");
    rows.setAttribute("aria-label", "Explanations; arrow keys go from token to token");
    const said = element("span", "explained-said");
    said.setAttribute("aria-live", "polite");
    panel.replaceChildren(text(value), next(value), rows, said, legend());
    pick(panel, same ? panel.picked : strongest(value.rows.at(-1).values));
  });

  const strongest = (values) => values.reduce((best, one, i) => (Math.abs(one) > Math.abs(values[best]) ? i : best), 0);
  const rank = (values, at) => 1 + values.filter((one) => Math.abs(one) > Math.abs(values[at])).length;
  const written = ({ unit, values }, at) => unit === "share" ? `${percent(values[at])}\u00a0%`
    : signed(values[at]) + (unit === "bits" ? "\u00a0bits" : "");

  // The whole text: a token that has two before it can be the one that is explained.
  function text({ labels, read, least, opened, target }) {
    const parts = labels.map((label, i) => {
      const part = element(i < least ? "span" : "button", i === read ? "hit" : i > read ? "later" : "", label);
      if (i < least) return part;
      part.type = "button";
      part.dataset.at = i - opened + 1;
      part.title = `Explain why ${label} follows here`;
      part.tabIndex = i === Math.max(least, Math.min(read, labels.length - 1)) ? 0 : -1;
      part.setAttribute("aria-pressed", String(i === read));
      return part;
    });
    const last = element("button", read === labels.length ? "hit" : "later", read === labels.length ? target : "next");
    last.type = "button";
    last.dataset.at = 0;
    last.title = "Explain what follows the text";
    last.setAttribute("aria-pressed", String(read === labels.length));
    return element("p", "explained-text", ...parts, last);
  }

  function next({ next, target, chance }) {
    const buttons = next.map(([name, share, typed, explained]) => {
      const button = element("button", explained ? "hit" : "", element("code", "", name), ` ${percent(share)}\u00a0%`);
      button.type = "button";
      button.dataset.typed = typed;
      button.title = explained ? `${target} is explained` : `Explain ${name} instead`;
      button.setAttribute("aria-pressed", String(explained));
      return button;
    });
    return element("p", "explained-next", element("span", "", "Could come next:"), ...buttons);
  }

  function line({ labels, read }, row, i) {
    const head = element("div", "", element("b", "", `${i + 1} `, row.name), element("small", ""));
    head.title = row.means;
    if (!row.values.length) return element("div", "explained-row", head, element("p", "", row.why));
    const widest = Math.max(...row.values.map(Math.abs)) || 1, best = strongest(row.values);
    const tokens = row.values.map((value, at) => {
      const token = element("span", value < 0 ? "down" : row.unit === "bits" ? "up" : "weight", labels[at]);
      token.style.setProperty("--share", `${(100 * Math.abs(value)) / widest}%`);
      token.dataset.token = at;
      token.classList.toggle("best", at === best);
      return token;
    });
    const strip = element("p", "", ...tokens);
    strip.setAttribute("role", "img");
    strip.setAttribute("aria-label", `${row.name}: most on ${labels[best]}, ${written(row, best)}. ${row.means}`);
    return element("div", "explained-row", head, strip);
  }

  function legend() {
    const swatch = (kind) => element("i", kind);
    return element(
      "p", "explained-legend", "Filled up to the strongest of the row, framed: ", swatch("weight"), " share or length, ",
      swatch("up"), " for, ", swatch("down"), " against the token explained."
    );
  }

  function pick(panel, at) {
    panel.picked = at;
    const { labels, rows, read } = panel.facts;
    for (const token of panel.querySelectorAll("[data-token]")) token.classList.toggle("picked", Number(token.dataset.token) === at);
    panel.querySelectorAll(".explained-row").forEach((line, i) => {
      if (!rows[i].values.length) return;
      const said = `${labels[at]} ${written(rows[i], at)}, rank ${rank(rows[i].values, at)}`;
      line.querySelector("small").textContent = said;
    });
    panel.querySelector(".explained-said").textContent = `Token ${at + 1} of ${read}: ` + rows.filter(({ values }) => values.length)
      .map((row) => `${row.name} ${written(row, at)}, rank ${rank(row.values, at)}`).join("; ");
  }

  const panelOf = (event, selector) => orrery.at(event, selector)?.closest(".explained");

  document.addEventListener("pointerover", (event) => {
    const panel = panelOf(event, ".explained [data-token]");
    if (panel) pick(panel, Number(orrery.at(event, "[data-token]").dataset.token));
  });

  document.addEventListener("click", (event) => {
    const place = orrery.at(event, ".explained [data-at]"), other = orrery.at(event, ".explained [data-typed]");
    if (place) orrery.ask(VIEW, { token: place.dataset.at === "0" ? "" : `@${place.dataset.at}` });
    if (other) {
      const { at } = other.closest(".explained").facts;
      orrery.ask(VIEW, { token: at ? `@${at}${other.dataset.typed}` : other.dataset.typed });
    }
    const panel = panelOf(event, ".explained [data-token]");
    if (panel) pick(panel, Number(orrery.at(event, "[data-token]").dataset.token));
  });

  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.ctrlKey || event.altKey || event.metaKey) return;
    const rows = orrery.at(event, ".explained-rows"), button = orrery.at(event, ".explained-text button");
    if (rows) {
      const panel = rows.closest(".explained");
      pick(panel, Math.min(panel.facts.read - 1, Math.max(0, panel.picked + by)));
    } else if (button) {
      const all = [...button.parentElement.querySelectorAll("button")];
      const to = all[all.indexOf(button) + by];
      if (!to) return;
      for (const one of all) one.tabIndex = one === to ? 0 : -1;
      to.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
