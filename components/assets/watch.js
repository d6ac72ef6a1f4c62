// Gradio draws and redraws the parts as it likes; whenever it has, bring our own up to date.
{
  let scheduled = false;
  let opened = false;

  orrery.refresh = () => {
    scheduled = false;
    if (!opened && document.querySelector("[role=tab]")) {
      opened = orrery.openLinkedTab();
      orrery.lecture();
    }
    for (const panel of document.querySelectorAll(".detail[data-lanes]")) orrery.drawDetail(panel);
    for (const widget of document.querySelectorAll(".attention[data-maps]")) orrery.drawAttention(widget);
    for (const panel of document.querySelectorAll(".removal[data-facts]")) orrery.drawRemoval(panel);
  };

  new MutationObserver(() => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(orrery.refresh);
  }).observe(document.documentElement, {
    childList: true, subtree: true, attributes: true, attributeFilter: ["data-maps", "data-step"],
  });
}
