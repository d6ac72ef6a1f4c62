// Following what is shown to many: a state that grows by patches (inference/broadcast/growing.py).
{
  // The state after a patch; what has not changed is the same object.
  orrery.patched = (state, patch) => {
    if ("=" in patch) return patch["="];
    const changed = Array.isArray(state) ? [...state] : { ...state };
    for (const [name, one] of Object.entries(patch["."] ?? {})) changed[name] = orrery.patched(state[name], one);
    if ("+" in patch) changed.push(...patch["+"]);
    return changed;
  };

  // Follow a topic by the address of its news. on: { state, people, over, lost, refused }, each
  // called with what it is about; `over` where nothing comes any more, `lost` where the connection
  // is and will be tried again, `refused` with the sentence. Returns what ends it.
  orrery.follow = (address, on) => {
    const source = new EventSource(address);
    let state;
    source.addEventListener("message", ({ data }) => {
      state = orrery.patched(state, JSON.parse(data));
      on.state(state);
    });
    source.addEventListener("people", ({ data }) => on.people?.(Number(data)));
    source.addEventListener("over", () => {
      source.close();
      on.over?.();
    });
    source.addEventListener("refused", ({ data }) => {
      source.close();
      on.refused?.(data);
    });
    source.addEventListener("error", () => on.lost?.());
    return () => source.close();
  };
}
