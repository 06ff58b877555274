// The ring of partitions: a band for each slot, a colour for each node, and marks outside where something is not as it should be.
import { s, colorOf, many } from "./ui.js";

const size = 320;
const middle = size / 2;
const outer = 138;
const inner = 74;
const gap = 3;

const point = (radius, turn) => {
  const angle = turn * 2 * Math.PI - Math.PI / 2;
  return `${(middle + radius * Math.cos(angle)).toFixed(2)} ${(middle + radius * Math.sin(angle)).toFixed(2)}`;
};

/** A piece of a ring, between two parts of a turn. */
function piece(from, to, start, end) {
  // A whole turn has no ends to draw an arc between.
  if (end - start > 0.999) end = start + 0.9999;
  const large = end - start > 0.5 ? 1 : 0;
  return `M${point(to, start)}A${to} ${to} 0 ${large} 1 ${point(to, end)}L${point(from, end)}`
    + `A${from} ${from} 0 ${large} 0 ${point(from, start)}Z`;
}

/** What is to be seen of a partition at a glance: ok, slow, moving or bad. */
export function stateOf(partition, cluster) {
  const silent = new Set(cluster.nodes.filter(node => node.problem).map(node => node.id));
  const serving = partition.replicas.filter(replica => !replica.notServing && !silent.has(replica.node));
  if (partition.alarm || serving.length === 0) return "bad";
  if (partition.replicas.some(replica => replica.moving)) return "moving";
  if (partition.replicas.some(replica => replica.notServing || replica.lag > 0)) return "slow";
  return partition.owners.some(owner => silent.has(owner)) ? "slow" : "ok";
}

/** How many changes the replica that lacks most of them lacks. */
export const lagOf = partition => partition.replicas.reduce((most, replica) => Math.max(most, replica.lag), 0);

/**
 * Draws it. Where a node is looked at, the others step back; where a partition is, it stands out.
 * @param {{partitions, cluster, node: number|null, partition: number|null, pick: function(number)}} options
 */
export function ring({ partitions, cluster, node, partition, pick }) {
  const count = partitions.length;
  const slots = Math.max(1, ...partitions.map(one => one.owners.length));
  const band = (outer - inner - gap * (slots - 1)) / slots;
  // Between partitions there is a little room, as long as there are not too many.
  const room = count <= 128 ? 0.12 / count : 0.05 / count;
  const paths = new Map();
  partitions.forEach((one, p) => one.owners.forEach((owner, slot) => {
    const to = outer - slot * (band + gap);
    const path = piece(to - band, to, (p + 0) / count + room, (p + 1) / count - room);
    paths.set(owner, (paths.get(owner) ?? "") + path);
  }));
  const marks = { slow: "", bad: "", moving: "" };
  partitions.forEach((one, p) => {
    const state = stateOf(one, cluster);
    if (state !== "ok") marks[state] += piece(outer + 5, outer + 10, p / count + room, (p + 1) / count - room);
  });
  const at = event => {
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * size - middle;
    const y = (event.clientY - box.top) / box.height * size - middle;
    const radius = Math.hypot(x, y);
    if (radius < inner - 4 || radius > outer + 12) return;
    const turn = (Math.atan2(y, x) / (2 * Math.PI) + 1.25) % 1;
    pick(Math.floor(turn * count));
  };
  return s("svg", {
    class: "ring", viewBox: `0 0 ${size} ${size}`, role: "img", onclick: at,
    "aria-label": `Ring of ${many(count, "partition")}, ${many(slots, "replica")} each. The table of partitions says the same.`,
  },
  [...paths].sort(([a], [b]) => a - b).map(([owner, d]) => s("path", {
    d, style: { fill: colorOf(owner) }, class: node && node !== owner ? "away" : null, "data-key": `n${owner}`,
  })),
  Object.entries(marks).filter(([, d]) => d).map(([state, d]) => s("path", { d, class: `mark ${state}`, "data-key": state })),
  partition === null ? null : s("path", {
    d: piece(inner - 4, outer + 4, partition / count, (partition + 1) / count), class: "picked", "data-key": "picked",
  }),
  s("text", { x: middle, y: middle - 4, class: "ring-count" }, String(count)),
  s("text", { x: middle, y: middle + 14, class: "ring-word" }, count === 1 ? "partition" : "partitions"));
}
