// A program that makes what a view shows: copied, and shown to be read or copied by hand.
{
  const { element } = orrery;

  orrery.program = async (text) => {
    let copied = false;
    try {
      // Over plain http on a local network browsers offer no clipboard.
      await navigator.clipboard.writeText(text);
      copied = true;
    } catch {}
    const heading = element("h2", "", copied ? "Copied as Python" : "As Python: select and copy it");
    const code = element("pre", "", element("code", "", text));
    code.tabIndex = 0; // it scrolls
    const close = element("button", "", "Close");
    close.type = "button";
    const dialog = element("dialog", "program", heading, code, close);
    dialog.setAttribute("aria-label", heading.textContent);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    // A room may read it too: where the page stands enlarged, the program does.
    document.querySelector(".gradio-container").append(dialog);
    dialog.showModal();
    if (!copied) getSelection().selectAllChildren(code);
    return text;
  };
}
