// Gradio's page cancels one run after another, and waits for the server each time: it then finds,
// and cancels, what a person has started meanwhile. So here a cancel is answered at once, and what
// is asked for next is sent once the server has taken it.
{
  const { fetch } = window;
  const taken = new Map(); // the number of a function -> the id of its event, once it is known
  let cancelled = Promise.resolve(); // once the server has taken all cancels

  const read = ({ body }) => JSON.parse(body);
  const done = () => new Response('{"success": true}', { headers: { "Content-Type": "application/json" } });

  async function join(url, options) {
    await cancelled;
    return fetch(url, options);
  }

  async function eventOf(answer) {
    const { event_id: id } = await (await answer).clone().json();
    return id ?? null;
  }

  // What is asked in no queue cannot be cancelled. Its answer changes nothing where something that
  // draws in the same place was asked for later.
  const newest = new Map(); // the number of an output -> that of the last question for it
  let questions = 0;

  function noted(index) {
    const { dependencies = [] } = window.gradio_config ?? {};
    const outputs = dependencies.find(({ id }) => id === index)?.outputs ?? [];
    questions += 1;
    for (const output of outputs) newest.set(output, questions);
    const own = questions;
    return () => outputs.every((output) => newest.get(output) === own);
  }

  async function atOnce(url, options, isNewest) {
    const answer = await fetch(url, options);
    if (isNewest() || !answer.ok) return answer;
    const told = await answer.json();
    told.data = told.data.map(() => ({ __type__: "update" }));
    return new Response(JSON.stringify(told), { headers: { "Content-Type": "application/json" } });
  }

  async function cancel(url, options) {
    const asked = read(options);
    asked.event_id ??= await taken.get(asked.fn_index); // pressed before the server had answered
    await fetch(url, { ...options, body: JSON.stringify(asked) });
  }

  window.fetch = (url, options) => {
    const path = typeof url === "string" && options?.method === "POST" ? url : "";
    if (path.includes("/gradio_api/run/")) return atOnce(url, options, noted(read(options).fn_index));
    if (path.includes("/queue/join")) {
      noted(read(options).fn_index);
      const answer = join(url, options);
      taken.set(read(options).fn_index, eventOf(answer).catch(() => null));
      return answer;
    }
    if (!path.endsWith("/cancel")) return fetch(url, options);
    cancelled = Promise.allSettled([cancelled, cancel(url, options)]);
    return Promise.resolve(done());
  };
}
