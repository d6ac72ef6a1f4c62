// The address: which page and view it names, going back and forth, and old links.
{
  const CARRIED = ["__theme", "lecture"]; // from page to page
  const MOVED = { // a view that was a tab of the only page, by its name in old links
    tokens: "tokens-pieces", embeddings: "embeddings-neighbours", attention: "attention-heads",
    generation: "generation-lanes", steps: "generation-wheel",
  };
  const last = location.pathname.split("/").pop();
  const here = orrery.labs.includes(last) ? last : ""; // the lab whose page this is
  const path = location.pathname.replace(/\/+$/, "");
  const root = here ? path.slice(0, -here.length - 1) : path;
  const query = () => new URLSearchParams(location.search);
  const labOf = (view) => orrery.labs.find((lab) => view === lab || view.startsWith(`${lab}-`));

  orrery.query = query;
  orrery.linked = {}; // by lab or view, a function that returns what a link carries beside the inputs

  // The address of a lab's page ("" is the front page), with the view and inputs in `wanted`.
  orrery.address = (lab, wanted = {}) => {
    const all = new URLSearchParams(wanted);
    for (const name of CARRIED) if (query().has(name) && !all.has(name)) all.set(name, query().get(name));
    const text = all.toString();
    return `${root}/${lab}${text ? `?${text}` : ""}`;
  };

  orrery.addressOf = (view, inputs) => orrery.address(labOf(view) ?? here, { view, ...inputs });

  // ---- Links to where a thing was

  function elsewhere() {
    const wanted = Object.fromEntries(query());
    if (!wanted.view || (!here && orrery.labs.includes(wanted.view) && !hasInputs(wanted))) return null;
    const view = movedTo(wanted);
    const lab = labOf(view);
    return lab && (lab !== here || view !== wanted.view) ? orrery.address(lab, { ...wanted, view }) : null;
  }

  const hasInputs = (wanted) =>
    Object.keys(wanted).some((name) => name !== "view" && !CARRIED.includes(name));

  // Two of the old tabs are two views now: what was asked for there decides.
  function movedTo({ view, word, a, removal }) {
    if (view === "embeddings" && word === undefined && a !== undefined) return "embeddings-analogies";
    if (view === "attention" && removal && removal !== "mean") return "attention-removal";
    return MOVED[view] ?? view;
  }

  const address = elsewhere();
  if (address) location.replace(address);

  // ---- The view in sight

  const tabOf = (name) => document.getElementById(`${name}-tab-button`);
  const selected = (tab) => tab.getAttribute("aria-selected") === "true";
  const opened = new Set();
  let found = false; // the view that the address names has been looked for

  // The tab that the address names: of a view, on the front page of its lab; else the first.
  const named = () => {
    const view = query().get("view") ?? "";
    return tabOf(view) ?? tabOf(labOf(view)) ?? document.querySelector("#views [role=tab]");
  };

  function select() {
    const tab = named();
    if (tab && !selected(tab)) tab.click();
    return tab;
  }

  // Only what is in sight asks for its opening example, once; its hidden button does that.
  orrery.watch(() => {
    for (const link of document.querySelectorAll("a[data-lab]")) {
      const { lab, view } = link.dataset;
      link.href = orrery.address(lab, view ? { view } : {});
    }
    if (address || (!found && !document.querySelector("#views [role=tab]"))) return;
    if (!found) {
      found = true;
      orrery.lecture();
      const tab = named();
      if (!selected(tab)) return tab.click();
    }
    for (const button of document.querySelectorAll("[id$=-open]")) {
      const view = button.id.replace(/-open$/, "");
      const tab = tabOf(view) ?? tabOf(labOf(view)); // Gradio keeps what was in sight before
      if (opened.has(button.id) || !tab || !selected(tab)) continue;
      opened.add(button.id);
      button.click();
    }
  });

  function remember(tab) {
    if (selected(tab)) return;
    const view = tab.id.replace(/-tab-button$/, "");
    history.pushState(null, "", orrery.address(here, { view }));
  }

  // Shows a view by its tab, so that Back leads back from it.
  orrery.goTo = (tab) => {
    remember(tab);
    tab.click();
  };

  document.addEventListener("click", (event) => {
    const tab = event.isTrusted && orrery.at(event, "#views [role=tab]");
    if (tab) remember(tab);
  }, true);

  window.addEventListener("popstate", select);
}
