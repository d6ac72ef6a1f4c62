// What is wider or higher than its place and scrolls. Chromium on a desk lets the keyboard in by
// itself, other browsers do not: whatever really scrolls, and holds nothing that takes the keyboard,
// takes it here, under the name of what it holds.
{
  const PARTS = ".frame :is(.scroll, .wide, .bench-table, .lens-grid, .cost-text, .cost-pieces)";
  const REACHED = "button, a[href], input, [tabindex]:not([tabindex='-1'])";

  const scrolls = (part) =>
    part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1;

  // As its data-name says, or what it holds calls itself, or the line that opens it, or the nearest
  // heading, or what is said first in the nearest note.
  function nameOf(part) {
    const own = part.querySelector("[aria-label]")?.getAttribute("aria-label");
    const opens = part.closest("details")?.querySelector("summary").textContent;
    return part.dataset.name ?? own ?? opens ?? before(part) ?? "Wider than its place";
  }

  function before(part) {
    for (let at = part; at && !at.matches(".frame"); at = at.parentElement) {
      for (let one = at.previousElementSibling; one; one = one.previousElementSibling) {
        if (one.matches("h2, h3, h4, .note") && one.textContent) return one.textContent.split(/[.:;] /)[0];
      }
    }
    return null;
  }

  function mind(part) {
    if (!part.isConnected) return sized.unobserve(part); // something newer stands in its place
    const wanted = scrolls(part) && !part.querySelector(REACHED);
    if (wanted && !part.hasAttribute("tabindex")) {
      const given = { "data-scrolls": "", tabindex: "0", role: "group", "aria-label": nameOf(part) };
      for (const [name, value] of Object.entries(given)) part.setAttribute(name, value);
    } else if (!wanted && "scrolls" in part.dataset) {
      for (const name of ["data-scrolls", "tabindex", "role", "aria-label"]) part.removeAttribute(name);
    }
  }

  const sized = new ResizeObserver((seen) => seen.forEach(({ target }) => mind(target)));

  orrery.watch(() => {
    for (const part of document.querySelectorAll(PARTS)) {
      sized.observe(part); // once, however often it is asked for
      if (part.checkVisibility()) mind(part);
    }
  });
}
