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

  async function cancel(url, options) {
    const asked = read(options);
    asked.event_id ??= await taken.get(asked.fn_index); // pressed before the server had answered
    await fetch(url, { ...options, body: JSON.stringify(asked) });
  }

  window.fetch = (url, options) => {
    const path = typeof url === "string" && options?.method === "POST" ? url : "";
    if (path.includes("/queue/join")) {
      const answer = join(url, options);
      taken.set(read(options).fn_index, eventOf(answer).catch(() => null));
      return answer;
    }
    if (!path.endsWith("/cancel")) return fetch(url, options);
    cancelled = Promise.allSettled([cancelled, cancel(url, options)]);
    return Promise.resolve(done());
  };
}
