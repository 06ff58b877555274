// The lab: cut nodes off, delay links, kill and pause nodes, run scenarios, and see what becomes of a key on each side.
import { h, show, call, many, nodeOptions, ranges, standIn } from "./ui.js";
import { board, sidesOf, sideName } from "./board.js";
import { changes, levels, valueShown, changeControls, isSame } from "./values.js";
import { idOf, typeOf } from "./keys.js";
import { stateOfNode } from "./cluster.js";
import { processes } from "./processes.js";
import { scenarios } from "./scenarios.js";

const firstKey = "lab:cart";
const types = ["set", "counter", "register", "flag", "bounded-counter", "multi-register"];

export function mount(root, app) {
  let key = sessionStorage.getItem("lab-key") ?? firstKey;
  let type = sessionStorage.getItem("lab-type") ?? "set";
  let shown = null;
  let watch = null;
  let watched = "";
  let cards = new Map();
  const told = h("p", { class: "message", role: "status" });
  const state = h("span", { class: "pills" });
  const heal = h("button", { class: "main", type: "button", onclick: async () => { await tell({ links: [], clocks: [], disks: [] }); await running.healAll(); } }, "Heal everything");
  const links = h("div", {});
  const field = board(sides => cut(sides));
  const sidesPanel = h("div", { class: "sides" });
  const keyInput = h("input", { value: key, spellcheck: "false", autocapitalize: "off" });
  const typeInput = h("select", {}, types.map(one => h("option", {}, one)));
  typeInput.value = type;
  const verdict = h("span", {});
  const running = processes(app);
  const experiments = scenarios();
  let labStream = null;
  let lab = null;
  root.append(
    h("div", { class: "head" }, h("h1", {}, "Lab"), state),
    h("section", { class: "panel", "aria-labelledby": "cut-title" },
      h("header", {}, h("h2", { id: "cut-title" }, "Who hears whom"), heal), field.element, field.picker, told),
    h("section", { class: "panel", "aria-labelledby": "sides-title" },
      h("header", {}, h("h2", { id: "sides-title" }, "One key on every side"), verdict),
      h("form", { class: "fields", onsubmit: event => { event.preventDefault(); choose(); } },
        h("label", { class: "grow" }, "Key", keyInput), h("label", {}, "as a", typeInput), h("button", {}, "Look at it")),
      h("div", { class: "later" }, sidesPanel)),
    running.element,
    h("section", { class: "panel", "aria-labelledby": "links-title" },
      h("header", {}, h("h2", { id: "links-title" }, "Slow and lossy links"), h("span", { class: "muted small" }, "everything that nodes say to each other; clients are left alone")),
      linkForm(), links),
    experiments.element);

  /** Hears which processes run, and of the scenario that does. */
  function listen() {
    if (labStream || document.hidden) return;
    labStream = new EventSource("/dashboard/api/lab");
    labStream.addEventListener("lab", event => {
      lab = JSON.parse(event.data);
      running.update(lab);
      experiments.update(lab);
      update();
    });
    labStream.onerror = () => {
      if (labStream?.readyState !== EventSource.CLOSED) return;
      labStream = null;
      setTimeout(() => { if (root.contains(field.element)) listen(); }, 2000);
    };
  }

  function silence() {
    labStream?.close();
    labStream = null;
  }

  async function tell(faults) {
    told.className = "message";
    told.textContent = "Telling the nodes…";
    try {
      const { missing } = await call("faults", faults);
      const silent = Object.entries(missing);
      told.className = silent.length ? "message bad" : "message";
      told.textContent = silent.map(([node, why]) => `Node ${node} was not told: ${why}.`).join(" ");
    } catch (failure) {
      told.className = "message bad";
      told.textContent = failure.message;
    }
  }

  /** Cuts what lies on different sides, and nothing else; delays and the rest stay. */
  function cut(sides) {
    const sideOf = new Map(sides.flatMap((side, index) => side.map(id => [id, index])));
    const faults = copy();
    for (const fault of faults.links) if (sideOf.get(fault.from) === sideOf.get(fault.to)) fault.cut = false;
    for (const [a, one] of sideOf)
      for (const [b, other] of sideOf) if (a !== b && one !== other) faultOf(faults, a, b).cut = true;
    tell(faults);
  }

  const copy = () => structuredClone({ links: app.cluster.faults.links ?? [], clocks: app.cluster.faults.clocks ?? [], disks: app.cluster.faults.disks ?? [] });

  function faultOf(faults, from, to) {
    let fault = faults.links.find(one => one.from === from && one.to === to);
    if (!fault) faults.links.push(fault = { from, to, cut: false, delayMs: 0, jitterMs: 0, loss: 0, bytesPerSecond: 0, everyMs: 0, forMs: 0 });
    return fault;
  }

  function linkForm() {
    const number = (label, value, max) => h("input", { type: "number", min: 0, max, step: "any", value, "aria-label": label });
    const ids = () => app.cluster?.nodes.map(one => one.id) ?? [];
    const from = h("select", {});
    const to = h("select", {});
    const fillIn = () => {
      if (from.options.length === ids().length) return;
      from.replaceChildren(...nodeOptions(ids()));
      to.replaceChildren(h("option", { value: "all" }, "all others"), ...nodeOptions(ids()));
    };
    fillIn();
    const [delay, jitter, loss] = [number("Delay in milliseconds", 80, 60000), number("Jitter in milliseconds", 0, 60000), number("Loss in per cent", 0, 99)];
    const both = h("input", { type: "checkbox", checked: true });
    const form = h("form", {
      class: "fields", onsubmit: event => {
        event.preventDefault();
        const faults = copy();
        const [a, others] = [Number(from.value), to.value === "all" ? ids().filter(id => id !== Number(from.value)) : [Number(to.value)]];
        for (const b of others.filter(id => id !== a)) {
          for (const [x, y] of both.checked ? [[a, b], [b, a]] : [[a, b]])
            Object.assign(faultOf(faults, x, y), { delayMs: Number(delay.value), jitterMs: Number(jitter.value), loss: Number(loss.value) / 100 });
        }
        tell(faults);
      },
    },
    h("label", {}, "Between", from), h("label", {}, "and", to), h("label", {}, "Delay, ms", delay), h("label", {}, "Jitter, ms", jitter),
    h("label", {}, "Loss, %", loss), h("label", { class: "check" }, both, "both ways"), h("button", {}, "Set"));
    form.fillIn = fillIn;
    linkForm.fillIn = fillIn;
    return form;
  }

  function drawLinks(faults) {
    const slow = (faults.links ?? []).filter(fault => fault.delayMs || fault.loss || fault.bytesPerSecond);
    const words = fault => [fault.delayMs ? `${fault.delayMs} ms${fault.jitterMs ? ` ± ${fault.jitterMs}` : ""}` : "", fault.loss ? `${+(fault.loss * 100).toFixed(1)} % lost` : "",
      fault.bytesPerSecond ? `${fault.bytesPerSecond} bytes a second` : "", fault.everyMs ? `for ${fault.forMs} ms every ${fault.everyMs} ms` : ""].filter(Boolean).join(", ");
    const other = [...(faults.clocks ?? []).map(one => `clock of node ${one.node}: ${one.offsetMs >= 0 ? "+" : ""}${one.offsetMs} ms${one.drift ? `, drifting by ${one.drift} s/s` : ""}`),
      ...(faults.disks ?? []).map(one => `disk of node ${one.node}: ${one.full ? "full" : `each flush takes ${one.slowMs} ms longer`}`)];
    show(links,
      slow.length + other.length === 0 ? h("p", { class: "empty small" }, "No link is slowed down.") : h("ul", { class: "fault-list" },
        grouped(slow, words, app.cluster.nodes.map(one => one.id)).map(({ name, text, faults: some }) => h("li", { "data-key": name }, h("span", {}, `${name}: ${text}`),
          h("button", {
            class: "plain", type: "button", "aria-label": `Mend ${name}`, onclick: () => {
              const faults = copy();
              for (const { from, to } of some)
                Object.assign(faultOf(faults, from, to), { delayMs: 0, jitterMs: 0, loss: 0, bytesPerSecond: 0, everyMs: 0, forMs: 0 });
              tell(faults);
            },
          }, "Mend"))), other.map(text => h("li", {}, text))));
  }

  function choose() {
    if (!keyInput.value) return;
    [key, type] = [keyInput.value, typeInput.value];
    sessionStorage.setItem("lab-key", key);
    sessionStorage.setItem("lab-type", type);
    cards = new Map();
    sidesPanel.replaceChildren();
    look(true);
    update();
  }

  // One node of each side is asked, besides the owners.
  function look(anew = false) {
    const at = app.cluster ? sidesOf(app.cluster).map(firstAlive).join(",") : "";
    if (!anew && watch && watched === at) return;
    watch?.close();
    [watch, watched] = [null, at];
    if (document.hidden || !at) return;
    if (anew) shown = null;
    watch = new EventSource(`/dashboard/api/watch?id=${idOf(key)}&at=${at}`);
    watch.addEventListener("key", event => { shown = JSON.parse(event.data); drawSides(); });
    watch.onerror = () => {
      if (watch?.readyState !== EventSource.CLOSED) return;
      watch = null;
      setTimeout(() => look(), 2000);
    };
  }

  const firstAlive = side => side.find(id => !app.cluster.nodes.find(one => one.id === id)?.problem) ?? side[0];

  /** What a side tells: of its owners the first that answers, else whoever was asked. */
  function seenBy(side) {
    const here = shown?.nodes.filter(one => side.includes(one.node)) ?? [];
    return here.find(one => one.owner && !one.problem) ?? here.find(one => !one.problem) ?? here[0];
  }

  function drawSides() {
    const sides = sidesOf(app.cluster);
    const seen = sides.map(seenBy);
    const found = shown && typeOf(shown);
    const kind = changes[found] ? found : type;
    const names = sides.map(side => `${side.join(",")} ${kind}`);
    for (const name of [...cards.keys()]) if (!names.includes(name)) cards.delete(name);
    show(sidesPanel, sides.map((side, index) => {
      const name = names[index];
      if (!cards.has(name)) cards.set(name, sideForm(side, index, kind, sides.length));
      const one = seen[index];
      const owners = shown ? side.filter(id => shown.owners.includes(id)) : [];
      return h("div", { class: "side-card", "data-key": name, role: "group", "aria-label": sides.length === 1 ? "all nodes" : sideName(index) },
        h("div", { class: "replica-head" }, h("h3", {}, sides.length === 1 ? "All nodes" : sideName(index).replace("s", "S")),
          h("span", { class: "muted small" }, `node${side.length === 1 ? "" : "s"} ${ranges(side)}`),
          shown ? h("span", { class: "muted small" }, owners.length ? `· owner${owners.length === 1 ? "" : "s"} ${owners.join(", ")}` : "· no owner of the key") : null),
        !shown ? h("p", { class: "muted" }, "Asking…")
          : !one ? h("p", { class: "muted" }, "Nobody here was asked.")
          : one.problem ? h("p", { class: "bad" }, one.problem)
          : one.unread ? h("p", { class: "bad small" }, one.unread)
          : valueShown(one.value, seen.filter(other => other && other !== one && !other.problem && !other.unread).map(other => other.value)),
        standIn(cards.get(name)));
    }));
    const values = seen.filter(one => one && !one.problem && !one.unread).map(one => one.value);
    const replicas = shown?.nodes.filter(one => one.owner && !one.problem) ?? [];
    const agree = values.every(value => isSame(value, values[0])) && replicas.every(one => isSame(one.objects, replicas[0].objects));
    show(verdict, !shown ? null : agree ? h("span", { class: "pill good" }, sides.length === 1 ? "all replicas agree" : "the sides agree")
      : h("span", { class: "pill slow" }, sides.length === 1 ? "replicas are catching up" : "the sides differ"));
  }

  function sideForm(side, index, kind, of) {
    const message = h("p", { class: "message", role: "status" });
    const level = h("select", { "aria-label": `W on ${sideName(index)}` }, levels.map(one => h("option", {}, one)));
    level.value = of === 1 ? "quorum" : "one";
    const node = h("select", { "aria-label": `Node to write at, on ${sideName(index)}` }, nodeOptions(side));
    const where = () => ({ id: idOf(key), node: node.value, level: level.value });
    return h("div", { "data-own": "" },
      h("div", { class: "fields" }, changeControls(kind, where, message, () => {}, of === 1 ? "" : ` on ${sideName(index)}`),
        h("span", { class: "pair" }, h("label", {}, "at", node), h("label", {}, "W", level))), message);
  }

  function update() {
    if (!app.cluster || !app.partitions) { show(state, h("span", { class: "muted" }, "Asking the nodes…")); return; }
    const sides = sidesOf(app.cluster);
    const down = app.cluster.nodes.filter(one => stateOfNode(one)[0] === "bad").length;
    const faults = app.cluster.faults;
    const isHealthy = !(faults.links?.length || faults.clocks?.length || faults.disks?.length || running.down());
    show(state, h("span", { class: sides.length > 1 ? "pill bad" : isHealthy ? "pill good" : "pill slow" },
      sides.length > 1 ? `cut into ${many(sides.length, "side")}` : isHealthy ? "nothing is wrong" : "faults in force"),
    down ? h("span", { class: "pill bad" }, `${many(down, "node")} in trouble`) : null);
    heal.disabled = isHealthy || Boolean(lab?.run && !lab.run.isOver);
    running.update(lab);
    field.update(app.cluster);
    linkForm.fillIn?.();
    drawLinks(faults);
    look();
    drawSides();
  }

  const again = () => {
    if (document.hidden) { watch?.close(); watch = null; silence(); } else { look(); listen(); }
  };
  document.addEventListener("visibilitychange", again);
  running.update(null);
  update();
  listen();
  return {
    update,
    unmount() {
      silence();
      watch?.close();
      watch = null;
      document.removeEventListener("visibilitychange", again);
    },
  };
}

/** Faults of links as few lines: what is the same both ways, and between one node and all others, is said once. */
function grouped(faults, words, ids) {
  const left = new Map(faults.map(fault => [`${fault.from}-${fault.to}`, fault]));
  const lines = [];
  const take = (name, pairs) => {
    const some = pairs.map(([from, to]) => left.get(`${from}-${to}`));
    if (some.some(fault => !fault || words(fault) !== words(some[0]))) return;
    some.forEach(fault => left.delete(`${fault.from}-${fault.to}`));
    lines.push({ name, text: words(some[0]), faults: some });
  };
  const others = id => ids.filter(one => one !== id);
  for (const id of ids) if (ids.length > 2) take(`node ${id} ↔ all others`, others(id).flatMap(one => [[id, one], [one, id]]));
  for (const id of ids) if (ids.length > 2) take(`node ${id} → all others`, others(id).map(one => [id, one]));
  for (const { from, to } of faults) if (left.has(`${from}-${to}`)) take(`node ${from} ↔ node ${to}`, [[from, to], [to, from]]);
  for (const { from, to } of faults) if (left.has(`${from}-${to}`)) take(`node ${from} → node ${to}`, [[from, to]]);
  return lines;
}
