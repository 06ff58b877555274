// The cluster at a glance: nodes, partitions and their owners, links, what moves and what is held for others.
import { h, show, bytes, span, coarse, few, many, colorOf } from "./ui.js";
import { ring, stateOf, lagOf } from "./ring.js";

export function mount(root, app) {
  let node = null;
  let partition = null;
  const summary = h("div", { class: "head" });
  const nodes = h("section", { class: "panel", "aria-labelledby": "nodes-title" });
  const ringPanel = h("section", { class: "panel", "aria-labelledby": "ring-title" });
  const partitions = h("section", { class: "panel", "aria-labelledby": "partitions-title" });
  const links = h("section", { class: "panel", "aria-labelledby": "links-title" });
  const changes = h("section", { class: "panel", "aria-labelledby": "changes-title" });
  const below = h("div", { class: "split half" }, links, changes);
  const beside = h("div", { class: "split" }, partitions);
  root.append(summary, nodes, h("div", { class: "split narrow-left" }, ringPanel, beside));

  const pickNode = id => { node = node === id ? null : id; update(); };
  const pickPartition = p => { partition = partition === p ? null : p; update(); };

  function update() {
    const { cluster, partitions: parts } = app;
    if (!cluster || !parts) { show(summary, h("h1", {}, "Cluster"), h("p", { class: "muted" }, "Asking the nodes…")); return; }
    if (partition !== null && partition >= parts.length) partition = null;
    show(summary, ...summaryOf(cluster, parts));
    show(nodes, title("nodes-title", "Nodes", node ? `node ${node}'s partitions stand out below` : "choose one to see its partitions"),
      h("div", { class: cluster.nodes.length > 8 ? "cards dense" : "cards" }, cluster.nodes.map(one => card(one, cluster, node, pickNode))));
    show(ringPanel, title("ring-title", "Owners", `${cluster.replication} of each partition`),
      ring({ partitions: parts, cluster, node, partition, pick: pickPartition }), legend(cluster, node, pickNode));
    show(partitions, title("partitions-title", "Lag and divergence", worst(parts)),
      grid(parts, cluster, node, partition, pickPartition), states(), details(parts, cluster, partition));
    // The links of many nodes take the width of the page.
    const [place, split] = cluster.nodes.length > 5 ? [root, "split wide-left"] : [beside, "split half"];
    if (below.parentNode !== place) place.append(below);
    below.className = split;
    show(links, title("links-title", "Links", "round trip in ms, as the row sees it"), matrix(cluster));
    show(changes, ...changesOf(cluster, parts));
  }

  update();
  return { update };
}

const title = (id, text, aside) => h("header", {}, h("h2", { id }, text), aside ? h("span", { class: "muted small" }, aside) : null);

function summaryOf(cluster, parts) {
  const ready = cluster.nodes.filter(one => !one.problem && one.ready).length;
  const keys = parts.reduce((sum, part) => sum + part.keys, 0);
  const behind = parts.filter(part => lagOf(part) > 0).length;
  const bad = parts.filter(part => stateOf(part, cluster) === "bad").length;
  const all = cluster.nodes.length;
  return [
    h("h1", {}, "Cluster"),
    h("span", { class: ready === all ? "pill good" : "pill bad" }, h("span", { class: ready === all ? "dot" : "dot bad" }),
      `${ready} of ${many(all, "node")} ready`),
    h("span", { class: bad ? "pill bad" : behind ? "pill slow" : "pill good" },
      bad ? `${many(bad, "partition")} not served` : behind ? `${many(behind, "partition")} behind` : "all replicas in step"),
    cluster.faults.links?.length || cluster.faults.clocks?.length || cluster.faults.disks?.length
      ? h("span", { class: "pill slow" }, "faults in force") : null,
    h("span", { class: "muted" }, `${many(keys, "key")} · layout ${cluster.layoutVersion}`),
  ];
}

export function stateOfNode(one) {
  if (one.problem) return ["bad", "silent"];
  if (one.refusesWrites) return ["bad", "refuses writes"];
  if (!one.ready) return ["bad", "not ready"];
  return one.trouble ? ["slow", "in trouble"] : ["", "ready"];
}

function card(one, cluster, picked, pick) {
  const [state, word] = stateOfNode(one);
  const trouble = one.trouble ? h("span", { class: "card-note bad small" }, one.trouble) : null;
  return h("button", {
    class: "card", "aria-pressed": String(picked === one.id), onclick: () => pick(one.id), style: { "--own": colorOf(one.id) },
    "data-key": one.id,
  },
  h("span", { class: "card-head" },
    h("span", { class: "swatch" }), h("b", {}, `node ${one.id}`), one.zone ? h("span", { class: "muted small" }, one.zone) : null,
    h("span", { class: `card-state ${state}` }, h("span", { class: `dot ${state}` }), word)),
  one.problem ? h("span", { class: "card-note small" }, `${one.endpoint}: ${one.problem}`) : h("span", { class: "facts" },
    fact("keys", few(one.keys)),
    fact("replicas", String(one.holds)),
    fact("calls/s", few(one.rate), one.failedRate ? `${few(one.failedRate)} failed` : null),
    fact("up", coarse(one.uptimeMs)),
    fact("clock", one.clockAheadMs === undefined ? "?" : `${one.clockAheadMs > 0 ? "+" : ""}${one.clockAheadMs} ms`),
    fact("held", bytes(one.heldBytes))),
  trouble);
}

const fact = (name, value, note) => h("span", { class: "fact" }, h("span", { class: "muted" }, name), h("span", {}, value),
  note ? h("span", { class: "bad small" }, note) : null);

function legend(cluster, picked, pick) {
  return h("div", { class: "legend" }, cluster.nodes.map(one => h("button", {
    class: "plain key", "aria-pressed": String(picked === one.id), onclick: () => pick(one.id), style: { "--own": colorOf(one.id) },
    "data-key": one.id,
  }, h("span", { class: "swatch" }), h("span", { class: "unseen" }, "node "), String(one.id))));
}

function worst(parts) {
  const lag = parts.reduce((most, part) => Math.max(most, lagOf(part)), 0);
  return lag ? `at most ${many(lag, "change")} behind` : "every replica has every change";
}

// How far a replica may be behind before its colour is at its strongest, on a logarithmic scale.
const strongest = 4;

function grid(parts, cluster, node, picked, pick) {
  const move = event => {
    const cells = [...event.currentTarget.children];
    const at = cells.indexOf(document.activeElement);
    const columns = cells.filter(cell => cell.offsetTop === cells[0].offsetTop).length;
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: cells.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    cells[Math.min(cells.length - 1, Math.max(0, to))].focus();
  };
  return h("div", { class: parts.length > 128 ? "grid many" : "grid", role: "group", "aria-label": "Partitions; arrow keys go from one to the next", onkeydown: move },
    parts.map((part, p) => {
      const state = stateOf(part, cluster);
      const lag = lagOf(part);
      const strength = lag ? Math.min(1, 0.25 + Math.log10(lag) / strongest * 0.75) : 0;
      const away = node && !part.owners.includes(node);
      return h("button", {
        class: ["cell", state, away && "away"], tabindex: p === (picked ?? 0) ? 0 : -1, "aria-pressed": String(picked === p),
        "aria-label": `partition ${p}: owners ${part.owners.join(", ")}; ${wordsOf(state, lag)}`,
        style: strength ? { "--strength": `${Math.round(strength * 100)}%` } : null,
        onclick: () => pick(p),
      }, String(p));
    }));
}

const wordsOf = (state, lag) => lag ? `${many(lag, "change")} behind`
  : { ok: "in step", slow: "an owner is missing", moving: "moving", bad: "not served" }[state];

const states = () => h("ul", { class: "states small muted" },
  [["ok", "in step"], ["slow", "behind, or an owner is missing"], ["moving", "moving"], ["bad", "not served, or damaged"]].map(([state, word]) =>
    h("li", {}, h("span", { class: `cell sample ${state}`, style: { "--strength": "60%" } }), word)));

function details(parts, cluster, p) {
  if (p === null) return h("p", { class: "muted small", role: "status" }, "Choose a partition to see its replicas.");
  const part = parts[p];
  const silent = part.owners.filter(owner => !part.replicas.some(replica => replica.node === owner));
  return h("div", { class: "details", role: "status" },
    h("h3", {}, `Partition ${p}`, h("span", { class: "muted" }, ` · owners ${part.owners.join(", ")} · ${many(part.keys, "key")}`)),
    part.alarm ? h("p", { class: "bad" }, part.alarm) : null,
    h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "node"), h("th", { scope: "col" }, "lacks"), h("th", { scope: "col" }, "state"))),
      h("tbody", {},
        part.replicas.map(replica => h("tr", {},
          h("th", { scope: "row" }, String(replica.node)),
          h("td", { class: replica.lag ? "slow" : null }, replica.lag ? many(replica.lag, "change") : "nothing"),
          h("td", {}, replica.notServing ?? replica.moving ?? (part.owners.includes(replica.node) ? "serves" : "holds it still")))),
        silent.map(owner => h("tr", {},
          h("th", { scope: "row" }, String(owner)), h("td", { class: "muted" }, "?"),
          h("td", { class: "bad" }, cluster.nodes.find(one => one.id === owner)?.problem ?? "has no replica yet"))))));
}

/** What a link is, seen from one end: a class, a short text and a long one. */
export function stateOfLink(cluster, from, to) {
  const link = cluster.linkOf(from, to);
  const cut = cluster.faultOf(from, to)?.cut;
  const back = cluster.faultOf(to, from)?.cut;
  if (!link) return ["unknown", "?", "not known: the node does not answer"];
  if (cut && back) return ["cut", "cut", "cut both ways by a fault"];
  if (cut || back) return ["cut", cut ? "cut→" : "cut←", cut ? "nothing goes there, by a fault" : "nothing comes back, by a fault"];
  if (!link.reachable) return ["lost", "lost", link.heardMsAgo < 0 ? "never heard" : `last heard ${span(link.heardMsAgo)} ago`];
  const ms = link.roundTripMs;
  const waits = link.waitingBytes ? `, ${bytes(link.waitingBytes)} wait` : "";
  if (ms === undefined) return ["", "·", `within reach${waits}`];
  return [ms >= 20 ? "far" : "", ms < 1 ? "<1" : String(ms), `there and back in ${ms < 1 ? "less than 1" : ms} ms${waits}`];
}

/** Gives a cluster quick ways to its links and their faults. */
export function withLinks(cluster) {
  if (cluster.linkOf) return cluster;
  const links = new Map(cluster.links.map(link => [`${link.from}-${link.to}`, link]));
  const faults = new Map((cluster.faults.links ?? []).map(fault => [`${fault.from}-${fault.to}`, fault]));
  cluster.linkOf = (from, to) => links.get(`${from}-${to}`);
  cluster.faultOf = (from, to) => faults.get(`${from}-${to}`);
  return cluster;
}

function matrix(cluster) {
  withLinks(cluster);
  const ids = cluster.nodes.map(one => one.id);
  if (ids.length < 2) return h("p", { class: "empty" }, "There is one node, and no link.");
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Links between nodes" },
    h("table", { class: ids.length > 8 ? "matrix many" : "matrix" },
      h("thead", {}, h("tr", {}, h("td", {}, h("span", { class: "unseen" }, "from, to")), ids.map(id => h("th", { scope: "col" }, String(id))))),
      h("tbody", {}, ids.map(from => h("tr", {}, h("th", { scope: "row" }, String(from)), ids.map(to => {
        if (from === to) return h("td", { class: "self" });
        const [state, text, words] = stateOfLink(cluster, from, to);
        return h("td", { class: state || null, title: `${from} → ${to}: ${words}` }, text);
      }))))));
}

function changesOf(cluster, parts) {
  const moving = parts.flatMap((part, p) => part.replicas.filter(replica => replica.moving).map(replica => ({ p, ...replica })));
  const held = cluster.nodes.filter(one => !one.problem && one.heldBytes > 0);
  const standing = cluster.nodes.filter(one => !one.problem && one.standsInFor > 0);
  const shown = 8;
  return [
    title("changes-title", "Moves and stand-ins"),
    h("h3", {}, "Layout"),
    cluster.staged ? h("p", {}, `Staged: ${many(cluster.staged.moves, "slot")} would move, to nodes ${cluster.staged.members.join(", ")}. `,
      h("span", { class: "muted" }, "gossipdb layout apply makes it so.")) : null,
    moving.length ? h("ul", { class: "plain-list" }, moving.slice(0, shown).map(one => h("li", {}, `partition ${one.p}, node ${one.node}: ${one.moving}`)),
      moving.length > shown ? h("li", { class: "muted" }, `and ${moving.length - shown} more`) : null)
      : h("p", { class: "muted" }, `Version ${cluster.layoutVersion}; nothing moves.`),
    h("h3", { class: "later" }, "Stand-ins"),
    held.length ? h("ul", { class: "plain-list" }, held.map(one => h("li", {},
      `node ${one.id} holds ${many(one.heldChanges, "change")} (${bytes(one.heldBytes)}) for absent owners`)))
      : h("p", { class: "muted" }, "Nobody holds anything for another node."),
    standing.length ? h("p", { class: "muted small" },
      `${standing.length === cluster.nodes.length ? "Each node" : many(standing.length, "node")} could serve some partitions alone if no owner were within reach.`) : null,
  ];
}
