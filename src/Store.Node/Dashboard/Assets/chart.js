// Lines over the last minutes. The drawing is uPlot's; colours come from the page, so that they follow light and dark.
import { h, clock } from "./ui.js";
import uPlot from "./uplot.js";

const minutes = 5;
// Ticks are whole calls, or tens of them: never fractions.
const steps = Array.from({ length: 24 }, (_, i) => [1, 2, 5][i % 3] * 10 ** Math.floor(i / 3));

/** From a power of ten to another one, around what there is. */
function decades(min, max) {
  const [low, high] = [Math.floor(Math.log10(min || 100)), Math.ceil(Math.log10(max || 10_000))];
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** The powers of ten in between. */
function powers(u, axis, min, max) {
  const low = Math.round(Math.log10(min));
  return Array.from({ length: Math.round(Math.log10(max)) - low + 1 }, (_, i) => 10 ** (low + i));
}

/** Where nothing stands on either side there is no line, and a point is drawn. */
function alone(u, series) {
  const values = u.data[series];
  return values.flatMap((value, i) => value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? [i] : []);
}

const dark = matchMedia("(prefers-color-scheme: dark)");

/** What a custom property of the page is, as a colour that a canvas knows. */
function resolve(color) {
  const probe = h("span", { style: { color, display: "none" } });
  document.body.append(probe);
  const told = getComputedStyle(probe).color;
  probe.remove();
  return told;
}

/**
 * A chart that grows with its element.
 * @param {HTMLElement} root Where it goes.
 * @param {{label: string, format: function(number): string, nothing: string, log: boolean, height: number}} options What it shows, and what it says where there is nothing.
 * @returns {{draw: function(number[], {name, color, dashed, values}[]), close: function()}} How it is told.
 */
export function chart(root, { label, format, nothing = "", log = false, height = 200 }) {
  const element = h("div", { class: "chart", role: "img", "aria-label": `${label}, over the last minutes. The table says how it is now.` });
  const none = h("p", { class: "empty", hidden: true }, nothing);
  root.append(element, none);
  let plot = null;
  let made = "";
  let last = null;

  function make(series) {
    plot?.destroy();
    const [muted, line] = [resolve("var(--muted)"), resolve("var(--line)")];
    const axis = { stroke: muted, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    plot = new uPlot({
      width: Math.max(200, element.clientWidth),
      height,
      padding: [8, 18, 0, 0],
      cursor: { points: { size: 6 }, drag: { x: false, y: false } },
      legend: { show: series.length > 0, live: true },
      scales: {
        // Always five minutes, so that a line does not stretch while the first points come in.
        x: { time: true, range: (u, min, max) => { const end = max ?? Date.now() / 1000; return [end - minutes * 60, end]; } },
        y: log ? { distr: 3, range: (u, min, max) => decades(min, max) }
          : { range: (u, min, max) => [0, Math.max(1, max * 1.1)] },
      },
      axes: [
        { ...axis, size: 26, space: 64, incrs: [30, 60, 120], values: (u, ticks) => ticks.map(tick => clock(tick * 1000).slice(0, 5) + (tick % 60 ? `:${tick % 60}` : "")) },
        {
          ...axis, size: 54, space: 32, ...(log ? { splits: powers } : { incrs: steps }),
          values: (u, ticks) => ticks.map(tick => tick === null ? "" : format(tick)),
        },
      ],
      series: [
        { label: "at", value: (u, at) => at === null ? "" : new Date(at * 1000).toLocaleTimeString([], { hour12: false }) },
        ...series.map(one => ({
          label: one.name,
          stroke: resolve(one.color),
          width: 1.75,
          dash: one.dashed ? [5, 4] : undefined,
          points: { show: true, size: 4, fill: resolve(one.color), filter: alone },
          spanGaps: false,
          value: (u, value) => value === null || value === undefined ? "–" : format(value),
        })),
      ],
    }, [[], ...series.map(() => [])], element);
  }

  function draw(times, series) {
    last = [times, series];
    none.hidden = series.length > 0 || !nothing;
    element.hidden = !none.hidden;
    const kind = JSON.stringify([dark.matches, series.map(one => one.name)]);
    if (kind !== made) {
      make(series);
      made = kind;
    }
    plot.setData([times, ...series.map(one => one.values)]);
  }

  const again = () => { made = ""; if (last) draw(...last); };
  const size = new ResizeObserver(() => plot?.setSize({ width: Math.max(200, element.clientWidth), height }));
  size.observe(element);
  dark.addEventListener("change", again);
  return {
    draw,
    close() {
      size.disconnect();
      dark.removeEventListener("change", again);
      plot?.destroy();
    },
  };
}
