// The page of who is in a room: one guess a letter, then everybody's bets.
{
  const { element } = orrery;
  const board = document.querySelector(".guessing");
  const NAME = "orrery-person";
  const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map((one) => one.toString(16).padStart(2, "0")).join("");
  let state = null;
  // A random name of this tab, and its newest guess: so a page that is loaded again is the same person.
  let { me, mine } = read() ?? { me: random(), mine: null }; // mine: { code, game, round, guess }

  function read() {
    try {
      return JSON.parse(sessionStorage.getItem(NAME));
    } catch {
      return null; // a browser may forbid storage
    }
  }

  function keep(newest) {
    mine = newest;
    try {
      sessionStorage.setItem(NAME, JSON.stringify({ me, mine }));
    } catch {}
    draw();
  }

  async function guess(number) {
    const { game, round } = state;
    keep({ code: orrery.code, game, round, guess: number });
    try {
      const body = JSON.stringify({ person: me, game, round, guess: orrery.letterOf(number) });
      const answer = await fetch(`${location.pathname.replace(/\/+$/, "")}/guess`, { method: "POST", body });
      if (!answer.ok) orrery.tell((await answer.json()).detail);
    } catch {
      orrery.tell("The connection is lost. Guess again.");
      keep(null); // it has not arrived
    }
  }

  const guessed = (round) => mine && mine.code === orrery.code && mine.game === state.game && mine.round === round;

  function draw() {
    const { open, round } = state;
    const [text, ...rest] = orrery.roomPicture(state);
    const parts = [text];
    if (open && !guessed(round)) parts.push(orrery.keys(new Set(), guess));
    if (guessed(open ? round : round - 1)) {
      const letter = orrery.symbol(mine.guess);
      parts.push(element("p", "mine", `Your guess: ${letter}${open ? "" : state.last.symbol === mine.guess ? ", right" : ", wrong"}.`));
    }
    board.replaceChildren(...parts, ...rest);
  }

  document.addEventListener("keydown", (event) => {
    if (!state?.open || guessed(state.round) || event.ctrlKey || event.altKey || event.metaKey || orrery.at(event, "input")) return;
    const pressed = event.key === " " && orrery.at(event, "button") ? -1 : orrery.symbolOf(event);
    if (pressed < 0) return;
    event.preventDefault();
    guess(pressed);
  });

  // Without a code: a form that asks for it.
  function ask() {
    const box = element("input", "");
    box.setAttribute("aria-label", "Code of the room");
    box.autocapitalize = "characters";
    box.autocomplete = "off";
    box.maxLength = 12;
    const form = element("form", "join", box, element("button", "", "Join"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const code = box.value.trim().toUpperCase();
      if (/^\w{4,12}$/.test(code)) location.href = `${location.pathname.replace(/\/+$/, "")}/${code}`;
      else orrery.tell("A code has five letters, such as BRKTN.");
    });
    board.replaceChildren(form);
    orrery.tell("Type the code that your lecturer shows.");
    box.focus();
  }

  if (orrery.code === "room") ask();
  else {
    orrery.tell("Connected.");
    orrery.followHere((news) => {
      state = news;
      orrery.tell(orrery.roomState(state));
      draw();
    });
  }
}
