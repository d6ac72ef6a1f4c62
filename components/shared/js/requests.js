// All that Gradio's page asks the server passes here. Left to itself, the page waits for the server
// at every cancel, and then finds, and cancels, what a person has started meanwhile; and it draws the
// answer that comes last, and not that to the last question.
{
  const { fetch } = window;
  const newest = new Map(); // the number of an output -> that of the last question for it
  const events = new Map(); // the number of a function -> the id of its last event, once it is known
  let questions = 0;
  let cancelled = Promise.resolve(); // once the server has taken all cancels

  const read = ({ body }) => JSON.parse(body);
  const reply = (told) =>
    new Response(JSON.stringify(told), { headers: { "Content-Type": "application/json" } });

  // Numbers a question; what is returned says whether it is still the last for all that it draws.
  function noted(index) {
    const { dependencies = [] } = window.gradio_config ?? {};
    const outputs = dependencies.find(({ id }) => id === index)?.outputs ?? [];
    questions += 1;
    for (const output of outputs) newest.set(output, questions);
    const own = questions;
    return () => outputs.every((output) => newest.get(output) === own);
  }

  // In no queue, where it cannot be cancelled: an answer that comes too late changes nothing.
  async function run(url, options) {
    const isNewest = noted(read(options).fn_index);
    const answer = await fetch(url, options);
    if (isNewest() || !answer.ok) return answer;
    const told = await answer.json();
    return reply({ ...told, data: told.data.map(() => ({ __type__: "update" })) });
  }

  // The id of the event that a question becomes, or null where it is refused.
  const eventOf = (answer) => answer.then((one) => one.clone().json())
    .then(({ event_id }) => event_id ?? null, () => null);

  // In the queue: sent after all cancels, answered by the stream.
  function join(url, options) {
    const index = read(options).fn_index;
    noted(index);
    const answer = cancelled.then(() => fetch(url, options));
    const event = eventOf(answer);
    events.set(index, event);
    orrery.expectAnswer(event, () => eventOf(fetch(url, options)));
    return answer;
  }

  // Answered at once.
  function cancel(url, options) {
    const asked = read(options);
    const send = async () => {
      asked.event_id ??= await events.get(asked.fn_index); // pressed before the server had answered
      asked.event_id = orrery.expectNoAnswer(asked.event_id);
      await fetch(url, { ...options, body: JSON.stringify(asked) });
    };
    cancelled = Promise.allSettled([cancelled, send()]);
    return Promise.resolve(reply({ success: true }));
  }

  const stream = (request) => Promise.resolve(
    new Response(orrery.answers(() => fetch(request), request.signal), {
      headers: { "Content-Type": "text/event-stream" },
    })
  );

  window.fetch = (asked, options) => {
    if (asked instanceof Request && asked.url.includes("/queue/data")) return stream(asked);
    const path = options?.method === "POST" ? String(asked) : "";
    if (path.includes("/gradio_api/run/")) return run(path, options);
    if (path.includes("/queue/join")) return join(path, options);
    if (path.endsWith("/cancel")) return cancel(path, options);
    return fetch(asked, options);
  };
}
