// Step by step: a button on stage names the text that it leads to, and the server looks at it.
{
  const { bar, element, number, percent } = orrery;

  // As if it had been typed and Enter pressed: so a link carries it and a reload keeps it.

  orrery.widget("stepper", (stage) => {
    for (const token of stage.querySelectorAll(".t[data-probability]")) {
      const { probability, bits } = token.dataset;
      token.title = `the model gave it ${percent(probability)} %, ${bits}: go back to before it`;
    }
  });

  orrery.widget("choices", (part, value) => {
    const { candidates, vocabulary, rest } = value;
    const others = `${number.format(vocabulary - candidates.length)} others share ${percent(rest)}\u00a0%.`;
    part.replaceChildren(
      element("h2", "", "What can come next"),
      element("p", "", explain(value)),
      element("ol", "", ...candidates.map((one) => element("li", "", choice(value, one)))),
      element("p", "rest", others)
    );
  });

  // One row, its track the whole probability; hatched where the filters leave the token out.
  function choice({ written, offered }, [token, spans, share, kept]) {
    const label = element("span", "", ...orrery.spelled(spans));
    const hit = token === offered;
    const row = bar(label, [[share, kept ? "kept" : "cut"]], {
      value: `${percent(share)}\u00a0%`, remark: hit ? "Step writes this" : kept ? "" : "cut off",
      kind: hit ? "hit" : kept ? "" : "all-cut", tag: "button",
    });
    row.type = "button";
    row.title = `Write this token: ${label.textContent}, ${percent(share)} %`;
    Object.assign(row.dataset, { keep: written, token });
    return row;
  }

  // How many tokens the next one is chosen from, and by whom.
  function explain({ vocabulary, survivors, mass, sample, temperature }) {
    const everything = `${number.format(vocabulary)} tokens`;
    if (!sample) {
      return `Step writes the most probable of ${everything}; pick any other to write it instead.`;
    }
    const few = survivors < vocabulary;
    const kept = few ? `The filters leave ${number.format(survivors)} of ` : "No filter cuts any of the ";
    const share = few ? ` with ${percent(mass)}\u00a0% of the probability` : "";
    const heat = temperature === 1 ? "" : `, at temperature ${temperature}`;
    return `${kept}${everything}${share}${heat}. Step lets the dice choose among them; pick any token `
      + "to write it instead.";
  }

  // Have the server look at this text: the model, the tokens, and perhaps "+" and typed text.
  orrery.lookAt = (written) => {
    const box = document.querySelector("#generation-wheel-written textarea");
    if (!box) return;
    orrery.type(box, written);
    box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
  };

  // Leave the text on stage for another one.
  function look(stage, written) {
    orrery.keepTried(stage.dataset.written);
    orrery.lookAt(written);
  }

  document.addEventListener("submit", (event) => {
    const form = orrery.at(event, ".stepper .force");
    if (!form) return;
    event.preventDefault();
    const input = form.querySelector("input");
    const stage = form.closest(".stepper");
    if (input.value) look(stage, `${stage.dataset.written} +${input.value}`);
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
    look(stage, [model, ...tokens].join(" "));
  });

  // A dial tells Gradio of its release by pointer alone.
  document.addEventListener("keyup", ({ target, key }) => {
    if (!(target instanceof Element) || !target.matches("#generation-wheel-view input[type=range]")) return;
    if (/^(Arrow|Page|Home|End)/.test(key)) document.getElementById("generation-wheel-run")?.click();
  });
}
