// What clients ask, how long it takes and what fails, of each level; and what happens, in words.
import { h, show, few, latency, clock } from "./ui.js";
import { chart } from "./chart.js";

// Each level has a colour of its own wherever it is drawn; writes are dashed.
const hues = {
  one: 200, two: 255, quorum: 305, all: 350, other: 100, "one-sloppy": 170, "two-sloppy": 230, "quorum-sloppy": 45, "all-sloppy": 20,
  "other-sloppy": 120, bounded: 145, none: 0,
};
const names = { none: "refused early", bounded: "bounded staleness" };
const colorOfLevel = level => `oklch(var(--node-l) ${level === "none" ? 0 : 0.13} ${hues[level] ?? 0})`;
const nameOf = row => `${names[row.level] ?? row.level} ${row.write ? "writes" : "reads"}`;
const errorHues = { Unavailable: 25, Indeterminate: 60, Timeout: 85, Overloaded: 330 };
const errorColor = code => `oklch(var(--node-l) 0.15 ${errorHues[code] ?? 280})`;

const longestMs = 5000;

// What the table says is of so many seconds.
const window = 10;

export function mount(root, app) {
  let quantile = "p99";
  const now = h("section", { class: "panel", "aria-labelledby": "now-title" });
  const feed = h("section", { class: "panel", "aria-labelledby": "feed-title" });
  const panel = (id, text, aside) => {
    const element = h("section", { class: "panel", "aria-labelledby": id }, h("header", {}, h("h2", { id }, text), aside));
    return element;
  };
  const choice = h("span", { class: "chart-title small" }, ["p50", "p99"].map(one => h("label", { class: "check" },
    h("input", { type: "radio", name: "quantile", value: one, checked: one === quantile, onchange: () => { quantile = one; points(); } }),
    one === "p50" ? "half of them" : "99 of 100")));
  const rates = panel("rates-title", "Calls a second");
  const times = panel("times-title", "Take no longer than", choice);
  const failures = panel("failures-title", "Failed a second");
  root.append(h("div", { class: "head" }, h("h1", {}, "Live"),
    h("span", { class: "muted" }, "what clients ask of all nodes; recorded while a dashboard is open")),
  h("div", { class: "split wide-left" },
    h("div", { class: "split" }, rates, times, failures),
    h("div", { class: "split" }, now, feed)));
  const charts = [
    chart(rates, { label: "Calls a second by level", format: few }),
    chart(times, { label: "Latency by level", format: latency, log: true }),
    chart(failures, { label: "Failed calls a second by kind of error", format: few, height: 150, nothing: "Nothing has failed." }),
  ];

  function points() {
    const all = withGaps(app.points);
    const at = all.map(point => point.at / 1000);
    const kinds = new Map();
    for (const row of all.flatMap(point => point.rows ?? [])) kinds.set(`${row.level} ${row.write}`, row);
    const ordered = [...kinds.values()].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
    const line = (kind, value, missing) => ({
      name: nameOf(kind),
      color: colorOfLevel(kind.level),
      dashed: kind.write,
      values: all.map(point => {
        if (!point.rows) return null;
        const row = point.rows.find(one => one.level === kind.level && one.write === kind.write);
        return row ? value(row) : missing;
      }),
    });
    charts[0].draw(at, ordered.map(kind => line(kind, row => row.rate, 0)));
    charts[1].draw(at, ordered.map(kind => line(kind, row => row[quantile] || null, null)));
    const codes = [...new Set(all.flatMap(point => (point.rows ?? []).flatMap(row => Object.keys(row.failed ?? {}))))].sort();
    charts[2].draw(at, codes.map(code => ({
      name: words(code),
      color: errorColor(code),
      values: all.map(point => point.rows && point.rows.reduce((sum, row) => sum + (row.failed?.[code] ?? 0), 0)),
    })));
    show(now, h("header", {}, h("h2", { id: "now-title" }, "Now"), h("span", { class: "muted small" }, `the last ${window} seconds`)), table(app.points.slice(-window)));
  }

  function happened() {
    const events = app.events.slice(-120).reverse();
    show(feed, h("header", {}, h("h2", { id: "feed-title" }, "What happened")),
      events.length === 0 ? h("p", { class: "empty" }, "Nothing yet, since somebody looks.")
        : h("ul", { class: "feed", tabindex: 0, "aria-label": "What happened, the latest first" }, events.map(event => h("li", { "data-key": event.number },
          h("time", { datetime: new Date(event.at).toISOString() }, clock(event.at)),
          h("span", { class: `dot ${event.kind}` }),
          h("span", {}, event.text)))));
  }

  points();
  happened();
  return { points, happened, unmount: () => charts.forEach(one => one.close()) };
}

/** Where nobody looked for a while, lines end and begin anew. */
function withGaps(points) {
  return points.flatMap((point, i) => i > 0 && point.at - points[i - 1].at > longestMs
    ? [{ at: points[i - 1].at + 1, rows: null }, point] : [point]);
}

const words = code => code.replace(/(?<=[a-z])[A-Z]/g, letter => ` ${letter.toLowerCase()}`).toLowerCase();

function table(points) {
  const rows = new Map();
  for (const row of points.flatMap(point => point.rows)) {
    const key = nameOf(row);
    const sum = rows.get(key) ?? { ...row, rate: 0, failed: 0, p50: 0, p99: 0, weight: 0 };
    sum.rate += row.rate / points.length;
    sum.failed += Object.values(row.failed ?? {}).reduce((all, one) => all + one, 0) / points.length;
    // Of quantiles of single seconds there is no quantile of all: the middle weighs them, the worst second counts.
    sum.p50 += row.p50 * row.rate;
    sum.weight += row.rate;
    sum.p99 = Math.max(sum.p99, row.p99);
    rows.set(key, sum);
  }
  if (rows.size === 0) return h("p", { class: "empty" }, "No client asks anything.");
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Calls of the last seconds" }, h("table", { class: "figures" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "level"), ["/s", "p50", "p99", "failed"].map(name => h("th", { scope: "col", class: "num" }, name)))),
    h("tbody", {}, [...rows].sort(([a], [b]) => a.localeCompare(b)).map(([name, row]) => h("tr", { "data-key": name },
      h("th", { scope: "row" }, h("span", { class: row.write ? "line-sample write" : "line-sample", style: { "--own": colorOfLevel(row.level) } }), name),
      h("td", { class: "num" }, few(row.rate)),
      h("td", { class: "num" }, latency(row.weight ? Math.round(row.p50 / row.weight) : 0)),
      h("td", { class: "num" }, latency(row.p99)),
      h("td", { class: row.failed ? "num bad" : "num" }, few(row.failed)))))));
}
