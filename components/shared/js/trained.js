// Models that were trained in this tab: their names stay here until it closes or their time is over.
// A name is the key to its model, or a tokenizer as a whole: it stands in no address and in no file
// that is saved.
{
  const NAME = "orrery-trained";
  const MOST = 8;
  const KEY = /trained-[\w-]{22}|learned-[\w.-]+/g;

  function kept() {
    try {
      const found = JSON.parse(sessionStorage.getItem(NAME)) ?? [];
      return found.filter((one) => one.until > Date.now());
    } catch {
      return []; // a browser may forbid storage, in a frame of another site above all
    }
  }

  // Those that can do this, the newest first: [{ name, title, can, until }].
  orrery.trained = (can) => (can ? kept().filter((one) => one.can.includes(can)) : []);

  // Offer a model in all lists of this tab. False where the browser keeps nothing.
  orrery.use = (model) => {
    const others = kept().filter((one) => one.name !== model.name);
    try {
      sessionStorage.setItem(NAME, JSON.stringify([model, ...others].slice(0, MOST)));
      return true;
    } catch {
      return false;
    }
  };

  orrery.isUsed = (name) => kept().some((one) => one.name === name);

  orrery.isTrained = (value) => typeof value === "string" && value.search(KEY) === 0;

  orrery.untold = (text) => orrery.unsaid(text.replace(KEY, "trained here"));

  // What Gradio is to change of a list of models, in a list; an empty one where there is nothing.
  orrery.offered = ([, , can, choices]) => {
    const models = orrery.trained(can);
    if (!models.length) return [];
    const added = models.map((one) => [one.title, one.name]);
    return [{ __type__: "update", choices: [...choices, ...added], visible: true }];
  };

  // Fetch a model's folder as an archive; the sentence that says why not, or "".
  orrery.fetchFolder = async (name) => {
    try {
      const answer = await fetch(orrery.address("folder"), { method: "POST", body: name });
      if (!answer.ok) return (await answer.json()).detail;
      const label = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))?.[1];
      orrery.saveAs(label ?? "model.zip", await answer.blob());
      return "";
    } catch {
      return "The connection is lost, so the folder cannot be fetched. Try again.";
    }
  };
}
