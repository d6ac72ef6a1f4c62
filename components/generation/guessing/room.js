// A room, for its lecturer: opened by a button, followed as everybody follows it, one turn a press.
{
  const { element } = orrery;
  let room = null; // { key, code }
  let state = null;
  let here; // people in the room
  let said = "";
  let leave = () => {};
  let sayInDialog = () => {};

  async function send(turn) {
    said = "";
    try {
      const answer = await fetch(`${orrery.placeOf("room", room.code)}/turn`, { method: "POST", body: JSON.stringify({ key: room.key, ...turn }) });
      if (!answer.ok) said = (await answer.json()).detail;
    } catch {
      said = "The connection is lost. Try again.";
    }
    orrery.drawGame();
  }

  // A room that is new begins with the text on stage; one from before a reload goes on.
  function follow() {
    let begun = false;
    leave();
    leave = orrery.follow(`${orrery.placeOf("room", room.code)}/news`, {
      state(news) {
        state = news;
        orrery.drawGame();
      },
      people(count) { // comes after all that was said before
        if (!begun && !state.game) send({ do: "start", text: orrery.gameText() });
        begun = true;
        here = count - 1; // one of them is this page
        sayInDialog(here);
        orrery.drawGame();
      },
      async refused() { // forgotten meanwhile: another one
        room = await orrery.opened("room", true);
        follow();
        invite();
      },
    });
  }

  document.addEventListener("click", async (event) => {
    const button = orrery.at(event, ".open-room");
    if (!button) return;
    const remark = button.nextElementSibling;
    remark.textContent = "";
    try {
      const known = room;
      room = await orrery.opened("room");
      invite();
      if (!known) follow();
    } catch (error) {
      remark.textContent = error instanceof TypeError ? "The connection is lost. Try again." : error.message;
    }
  });

  function invite() {
    document.querySelector("dialog.share")?.close();
    sayInDialog = orrery.share("room", room, `Room ${room.code}`, "Everybody guesses the next letter here, without a name.");
    sayInDialog(here ?? 0);
  }

  function button(text, press, kind = "") {
    const made = element("button", kind, text);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  }

  // What the stage shows while a room is open; null where none is.
  orrery.roomPanel = () => {
    if (!room) return null;
    if (!state) return [element("p", "guess-told", said || "The room is being opened.")];
    const { open, round, letters } = state;
    const turns = [];
    if (open) turns.push(button("Show the letter", () => send({ do: "reveal", round }), "turn"));
    else if (round < letters) turns.push(button("Next letter", () => send({ do: "next", round }), "turn"));
    turns.push(
      button(open || round < letters ? "Start anew" : "Start", () => send({ do: "start", text: orrery.gameText() })),
      button(`Room ${room.code}`, invite),
      button("Leave the room", () => {
        leave();
        room = state = null;
        orrery.drawGame();
      })
    );
    const told = element("p", "guess-told", said || orrery.roomState(state, here));
    told.setAttribute("aria-live", "polite");
    const [text, ...rest] = orrery.roomPicture(state);
    return [text, told, element("menu", "turns", ...turns), ...rest];
  };
}
