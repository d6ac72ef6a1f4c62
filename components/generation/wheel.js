// Step by step: a button on stage names the text that it leads to, and the server looks at it.
{
  // As if it had been typed and Enter pressed: so a link carries it and a reload keeps it.
  const type = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;

  orrery.widget("stepper", null, (stage) => ({
    prompt: orrery.text(stage, "em"),
    written: [...stage.querySelectorAll(".t")].map((token) => ({
      text: token.textContent, about: token.title.split(":")[0],
    })),
    next: [...stage.querySelectorAll(".bar")].map((row) => ({
      id: Number(row.dataset.token), text: orrery.text(row, "code"),
      probability: orrery.text(row, ".value"), remark: orrery.text(row, ".remark"),
    })),
    dice: orrery.text(stage, ".dice p"),
  }));

  // Have the server look at this text: the model, the tokens, and perhaps "+" and typed text.
  function look(written) {
    const box = document.querySelector("#generation-wheel-written textarea");
    if (!box) return;
    type.call(box, written);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
  }

  document.addEventListener("submit", (event) => {
    const form = orrery.at(event, ".stepper .force");
    if (!form) return;
    event.preventDefault();
    const input = form.querySelector("input");
    if (input.value) look(`${form.closest(".stepper").dataset.written} +${input.value}`);
    input.value = "";
  });

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".stepper [data-keep]");
    if (!button) return;
    const stage = button.closest(".stepper");
    const [model, ...written] = stage.dataset.written.split(" ");
    const { keep, token } = button.dataset;
    const prompt = document.querySelector("#generation-wheel-prompt textarea").value;
    // What Step would write was chosen for the prompt on stage: another one is looked at first.
    const stale = button.matches(".step-on") && prompt !== JSON.parse(stage.dataset.prompt);
    const tokens = [...written.slice(0, Number(keep)), ...(token && !stale ? [token] : [])];
    look([model, ...tokens].join(" "));
  });

  // A dial tells Gradio of its release by pointer alone.
  document.addEventListener("keyup", ({ target, key }) => {
    if (!(target instanceof Element) || !target.matches("#generation-wheel-view input[type=range]")) return;
    if (/^(Arrow|Page|Home|End)/.test(key)) document.getElementById("generation-wheel-run")?.click();
  });
}
