// The nodes' processes: kill, pause, resume and start them, where somebody runs them who takes orders.
import { h, show, call, many } from "./ui.js";
import { stateOfNode } from "./cluster.js";

const orders = { running: ["pause", "kill"], paused: ["resume", "kill"], stopped: ["start"], killed: ["start"], ended: ["start"] };
const words = { pause: "Pause", kill: "Kill", resume: "Resume", start: "Start" };
const doing = { pause: "pausing…", kill: "killing…", resume: "resuming…", start: "starting…" };

/** What a process does, as a class and in a word; of one that runs, whether its node serves. */
function stateOf(process, node) {
  if (process.state !== "running") return ["bad", process.state];
  return node ? stateOfNode(node) : ["slow", "starting"];
}

/** The panel. It is told what is so by update(). */
export function processes(app) {
  const list = h("ul", { class: "processes" });
  const message = h("p", { class: "message", role: "status" });
  const help = h("p", { class: "muted small" });
  const element = h("section", { class: "panel", "aria-labelledby": "processes-title" },
    h("header", {}, h("h2", { id: "processes-title" }, "Processes"),
      h("span", { class: "muted small" }, "kill: at once, as by kill -9 · pause: it stands still, its connections stay open")), list, help, message);
  const under = new Map();

  async function order(node, what) {
    under.set(node, what);
    message.className = "message";
    message.textContent = "";
    update(told);
    try {
      await call("order", { order: what, node });
    } catch (failure) {
      message.className = "message bad";
      message.textContent = failure.message;
    } finally {
      under.delete(node);
      update(told);
    }
  }

  let told = null;

  function update(now) {
    told = now;
    if (!now) { show(list, h("li", { class: "muted" }, "Asking…")); return; }
    if (now.problem) {
      show(list);
      show(help, `Nodes cannot be killed, paused or started from here: ${now.problem}. Do it where they were started.`);
      return;
    }
    const runs = now.run && !now.run.isOver;
    show(help, runs ? "A scenario runs, and gives the orders." : null);
    show(list, now.processes.map(process => {
      const node = app.cluster?.nodes.find(one => one.id === process.node);
      const busy = under.get(process.node);
      const [state, word] = busy ? ["slow", doing[busy]] : stateOf(process, node);
      const elsewhere = now.processes.find(other => other.node !== process.node && other.dashboard && other.state === "running");
      return h("li", { class: "process", "data-key": process.node, id: `process-${process.node}` },
        h("b", {}, `node ${process.node}`), h("span", { class: `card-state ${state}` }, h("span", { class: `dot ${state}` }), word),
        h("span", { class: "process-orders" }, process.serves
          ? h("span", { class: "muted small" }, "serves this page; ", elsewhere
            ? h("a", { href: `${elsewhere.dashboard}#lab` }, `go to node ${elsewhere.node}'s`) : "there is no other")
          : orders[process.state].map(what => h("button", {
            type: "button", disabled: Boolean(busy || runs), "data-key": what, "aria-label": `${words[what]} node ${process.node}`,
            onclick: () => order(process.node, what),
          }, words[what]))));
    }));
  }

  /** Lets all go on that stand still, and starts all that are down. */
  async function healAll() {
    const wanted = (told?.processes ?? []).filter(one => one.state !== "running" && !one.serves);
    await Promise.all(wanted.map(one => order(one.node, one.state === "paused" ? "resume" : "start")));
  }

  const down = () => (told?.processes ?? []).filter(one => one.state !== "running").length;
  return { element, update, healAll, down, words: () => down() ? many(down(), "process") + " down" : null };
}
