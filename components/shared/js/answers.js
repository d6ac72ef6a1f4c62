// The stream of answers, one for a page. Gradio's server ends it when nothing is under way, and says
// so. Whatever is asked while that word is on its way would be answered to nobody, because the page
// takes the stream for open. So here another takes its place until every question has its answer. And
// where the server has given a session up, or a stream is cut before an answer has begun, Gradio's page
// waits for ever or loads itself again, which a busy machine makes no faster: here it asks again.
{
  const MESSAGE = /^data: \{"msg":"(\w+)","event_id":"?(\w+)/;
  const END = 'data: {"msg":"close_stream","event_id":null}\n\n';
  const TIMES = 3; // that a question is asked again
  const open = new Map(); // an event whose last message has not come -> { ask, now, times }: its question
  const early = new Set(); // events whose last message came before the word that they are taken
  const begun = new Set(); // those of which some answer has come: the rest would not fit another's
  const asked = new Map(); // the event of a question asked again -> the one that the page knows
  const lost = new Set(); // events whose questions were asked again: whatever comes of them is late
  let taken = Promise.resolve(); // once the server has said of all that were asked whether it takes them

  async function note(event, ask) {
    const id = await event;
    if (id && !early.delete(id)) open.set(id, { ask, now: id, times: 0 });
  }

  // A question is sent. event: its id, once the server has said whether it takes it; null if not.
  // ask: sends it once more, and returns the same.
  orrery.expectAnswer = (event, ask) => { taken = Promise.all([taken, note(event, ask)]); };

  // No answer is expected any more; returns the id by which the server knows the event.
  orrery.expectNoAnswer = (id) => {
    const now = open.get(id)?.now ?? id;
    open.delete(id);
    return now;
  };

  async function askAgain() {
    for (const [id, question] of open) {
      const now = !begun.has(id) && question.times < TIMES ? await question.ask() : null;
      if (!now) throw new Error("The answer is lost."); // Gradio's page says so, and loads itself again
      lost.add(question.now);
      asked.set(now, id);
      Object.assign(question, { now, times: question.times + 1 });
    }
  }

  // The body of a stream and of those that follow it. follow: asks for one; signal: of who reads.
  orrery.answers = (follow, signal) => {
    const bytes = new TextEncoder();
    let reader, letters, rest, closing, heard; // heard: something in this stream but its end

    async function start() {
      const answer = await follow();
      reader = (answer.ok ? answer : new Response("")).body.getReader();
      letters = new TextDecoder();
      rest = closing = "";
      heard = false;
    }

    // All whole messages but the last, which is kept until the server has ended the stream.
    function read(text) {
      const messages = (rest + text).split("\n\n");
      rest = messages.pop();
      return messages.map((message) => passed(`${message}\n\n`)).join("");
    }

    function passed(message) {
      const [, kind, event] = MESSAGE.exec(message) ?? [];
      if (kind === "close_stream") closing = message;
      if (closing || lost.has(event)) return "";
      if (kind === "unexpected_error" && JSON.parse(message.slice(6)).session_not_found) return "";
      heard = true;
      const id = asked.get(event) ?? event;
      if (kind === "process_generating") begun.add(id);
      if (kind === "process_completed" && !open.delete(id)) early.add(id);
      if (kind === "process_completed") begun.delete(id);
      return message.replace(event, id);
    }

    async function next() {
      if (!reader) await start();
      const { done, value } = await reader.read().catch(() => ({ done: true })); // cut
      if (!done) return read(letters.decode(value, { stream: true })) || next();
      await taken;
      if (!open.size || signal.aborted) return null;
      if (!closing || !heard) await askAgain();
      reader = null;
      return next();
    }

    return new ReadableStream({
      async pull(controller) {
        const text = await next();
        controller.enqueue(bytes.encode(text ?? END));
        if (text === null) controller.close();
      },
      cancel: (reason) => reader?.cancel(reason),
    });
  };
}
