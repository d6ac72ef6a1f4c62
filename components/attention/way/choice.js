// From logits to a token: temperature, top-k and top-p over the whole vocabulary, and a draw.
{
  // Ids by logit, the best first; of equals the lower first.
  orrery.byLogit = (logits) => Array.from(logits.keys()).sort((a, b) => logits[b] - logits[a] || a - b);

  // What can be drawn, in `order`: { chances before any cut, kept: how many stay, shares of these }.
  // Temperature 0 is greedy. Top-k keeps exactly k, then top-p the fewest that hold p of those
  // (Holtzman et al. 2020): every token before which less than p has been gathered.
  orrery.choosable = (logits, order, { temperature = 1, k = 0, p = 1 } = {}) => {
    const raised = order.map((one, i) =>
      temperature ? Math.exp((logits[one] - logits[order[0]]) / temperature) : Number(i === 0));
    const all = raised.reduce((sum, one) => sum + one, 0);
    const chances = raised.map((one) => one / all);
    const within = chances.slice(0, temperature ? k || chances.length : 1);
    const held = within.reduce((sum, one) => sum + one, 0);
    let kept = p < 1 ? 0 : within.length, gathered = 0;
    while (kept < within.length && (kept === 0 || gathered < p - 1e-9)) gathered += within[kept++] / held;
    const mass = within.slice(0, kept).reduce((sum, one) => sum + one, 0);
    return { chances, kept, shares: within.slice(0, kept).map((one) => one / mass) };
  };

  // The place in `shares` where a number from 0 to 1 falls.
  orrery.fallsOn = (shares, drawn) => {
    let sum = 0;
    const at = shares.findIndex((one) => (sum += one) > drawn);
    return at < 0 ? shares.length - 1 : at;
  };
}
