// The chosen head: all views of this lab show the same one.
{
  let chosen = null;
  const listeners = [];

  orrery.onHead = (listener) => listeners.push(listener);

  orrery.chooseHead = (layer, head) => {
    chosen = [layer, head];
    for (const listener of listeners) listener(layer, head);
  };

  // The head that somebody chose, where this model has it; else the one to open on.
  orrery.chosenHead = ({ layers, heads, open }) =>
    chosen && chosen[0] < layers && chosen[1] < heads ? chosen : open.slice(0, 2);
}
