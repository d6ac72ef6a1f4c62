// Strips: what Download writes of the same text in every tokenizer.
{
  const { text } = orrery;

  orrery.widget("strip", null, (strip) => ({
    tokenizer: text(strip, "h3"), facts: text(strip, ".facts"),
    pieces: [...strip.querySelectorAll(".pieces span")].map((piece) => piece.textContent),
  }));
}
