// The stream of answers, one for a page. Gradio's server ends it when nothing is under way, and says
// so. Whatever is asked while that word is on its way would be answered to nobody, because the page
// takes the stream for open. So here another takes its place until every question has its answer.
{
  const MESSAGE = /^data: \{"msg":"(\w+)","event_id":"?(\w+)/;
  const open = new Set(); // events whose last message has not come
  const early = new Set(); // those whose last message came before the word that they are taken
  let taken = Promise.resolve(); // once the server has said of all that were asked whether it takes them

  async function note(event) {
    const id = await event;
    if (id && !early.delete(id)) open.add(id);
  }

  // A question is sent. event: its id, once the server has said whether it takes it; null if not.
  orrery.expectAnswer = (event) => { taken = Promise.all([taken, note(event)]); };

  // The body of a stream and of those that follow it, for which `again` asks.
  orrery.answers = (first, again) => {
    const letters = new TextDecoder(), bytes = new TextEncoder();
    let reader = first.body.getReader();
    let rest = "", closing = "";
    let heard = true; // something in this stream but its end

    // All whole messages but the last, which is kept until the server has ended the stream.
    function read(text) {
      const messages = (rest + text).split("\n\n");
      rest = messages.pop();
      return messages.map((message) => `${message}\n\n`).filter((message) => {
        const [, kind, id] = MESSAGE.exec(message) ?? [];
        if (kind === "process_completed" && !open.delete(id)) early.add(id);
        if (kind === "close_stream") closing = message;
        else heard = true;
        return kind !== "close_stream";
      }).join("");
    }

    async function next() {
      const { done, value } = await reader.read();
      if (!done) return read(letters.decode(value, { stream: true })) || next();
      await taken;
      if (!heard) open.clear(); // the server knows nothing of them any more
      if (!closing || !open.size) return null;
      const answer = await again();
      if (!answer.ok) throw new Error(`The stream cannot be opened again: ${answer.status}.`);
      reader = answer.body.getReader();
      closing = "";
      heard = false;
      return next();
    }

    return new ReadableStream({
      async pull(controller) {
        const text = await next();
        controller.enqueue(bytes.encode(text ?? rest + closing));
        if (text === null) controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    });
  };
}
