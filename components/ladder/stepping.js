// A click on a row of the map of pairs is one on its letter.
orrery.onPlot("ladder-table", "plotly_click", ({ points: [{ y }] }) =>
  document.querySelectorAll("#ladder-table-view .rows button")[y]?.click());
