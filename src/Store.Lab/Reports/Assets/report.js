// Shows the numbers at the place that is pointed at. They stand in the table below each chart: without this script it can be opened.
for (const chart of document.querySelectorAll("figure.over-time")) {
  const plot = chart.querySelector("svg.plot");
  const readout = chart.querySelector(".readout");
  const names = [...chart.querySelectorAll("thead th")].map(cell => cell.textContent);
  const rows = chart.querySelector("tbody").rows;
  const line = document.createElementNS(plot.namespaceURI, "line");
  line.setAttribute("class", "crosshair");
  line.setAttribute("y1", "0");
  line.setAttribute("y2", "100%");
  plot.addEventListener("pointermove", event => {
    const box = plot.getBoundingClientRect();
    const index = Math.min(rows.length - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * rows.length)));
    const place = (index + 0.5) / rows.length * 100 + "%";
    line.setAttribute("x1", place);
    line.setAttribute("x2", place);
    if (!line.parentNode) plot.append(line);
    const cells = [...rows[index].cells].map(cell => cell.textContent);
    readout.textContent = cells[0] + ": " + cells.slice(1).map((cell, i) => names[i + 1] + " " + cell).join(" · ");
  });
  plot.addEventListener("pointerleave", () => {
    line.remove();
    readout.textContent = "";
  });
}
