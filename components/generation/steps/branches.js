// The ways that were tried: a tree of runs of tokens, each a button that goes there. The page holds
// them as ids in the hidden input `tried`, so that a link carries them.
{
  const { element, percent } = orrery;
  const MOST = 15; // texts besides the one on stage
  const LONGEST = 3000; // characters, so that a link has room for them

  orrery.widget("tried", (part, { paths }) => {
    const heading = element("h2", "", "What was tried");
    if (!paths.length) {
      const how = "Go back and write another token: both ways stay here, to be compared and gone on with.";
      part.replaceChildren(heading, element("p", "", how));
      return;
    }
    const root = grown(paths);
    const forget = element("button", "", "Forget the others");
    forget.type = "button";
    forget.dataset.forget = "";
    part.replaceChildren(heading, below(root), forget);
  });

  // Every token once, with what follows it; the last path is the text on stage.
  function grown(paths) {
    const root = { below: new Map(), ids: [], joint: 1 };
    paths.forEach((path, i) => {
      let at = root;
      for (const [token, probability, spans] of path) {
        if (!at.below.has(token)) {
          const joint = at.joint * probability;
          at.below.set(token, { below: new Map(), ids: [...at.ids, token], probability, joint, spans });
        }
        at = at.below.get(token);
        at.here ||= i === paths.length - 1;
      }
      at.end ||= i === paths.length - 1;
    });
    return root;
  }

  function below({ below: next }) {
    return element("ul", "", ...[...next.values()].map(run));
  }

  // A token and all up to the next parting, then the ways that part there.
  function run(first) {
    let last = first;
    const tokens = [first];
    while (last.below.size === 1) tokens.push(last = [...last.below.values()][0]);
    const line = element("div", "", ...tokens.flatMap((one) => [button(one), ...(one.end ? [element("span", "caret")] : [])]));
    const said = last.below.size ? `${percent(first.probability)} %` : `${percent(first.probability)} %, in all ${share(last.joint)}`;
    line.append(element("small", "", said));
    return element("li", "", line, ...(last.below.size ? [below(last)] : []));
  }

  function button({ spans, ids, probability, joint, here }) {
    const label = orrery.spelled(spans);
    const made = element("button", here ? "here" : "", ...label);
    made.type = "button";
    made.dataset.path = ids.join(" ");
    made.title = `${percent(probability)} %; the text up to it: ${share(joint)}. Go there`;
    return made;
  }

  function share(joint) {
    return joint >= 0.001 ? `${percent(joint)} %` : joint.toExponential(1);
  }

  const box = () => document.querySelector("#generation-wheel-tried textarea");
  const ids = (written) => written.split(" ").slice(1).join(" ");

  // Keep the text on stage before another one is looked at, the newest last.
  orrery.keepTried = (written) => {
    const held = box();
    if (!held) return;
    const [model] = written.split(" ");
    const before = held.value.startsWith(`${model} `) ? ids(held.value).split(";") : [];
    const paths = [...new Set([...before.filter((path) => path !== ids(written)), ids(written)])].filter(Boolean);
    const whole = paths.filter((path) => !paths.some((other) => other.startsWith(`${path} `))).slice(-MOST);
    while (whole.join(";").length > LONGEST) whole.shift();
    orrery.type(held, whole.length ? `${model} ${whole.join(";")}` : "");
  };

  document.addEventListener("click", (event) => {
    const button = orrery.at(event, ".tried button");
    if (!button) return;
    const { written } = button.closest(".stepper").dataset;
    const [model] = written.split(" ");
    const forget = "forget" in button.dataset;
    if (forget) orrery.type(box(), "");
    else orrery.keepTried(written);
    orrery.lookAt(forget ? written : `${model} ${button.dataset.path}`);
  });
}
