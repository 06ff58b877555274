// Keys: which there are, what each replica holds of one, live, and changing it at a node and a level.
import { h, show, call, many, clock, nodeOptions, standIn } from "./ui.js";
import { changes, levels, valueShown, changeControls, isSame } from "./values.js";

export function mount(root, app, argument) {
  let keys = [];
  let next = null;
  let missing = null;
  let problem = null;
  let chosen = argument || null;
  let shown = null;
  let watch = null;
  let asked = 0;
  let newType = null;
  const list = h("div", {});
  const detail = h("section", { class: "split", "aria-label": "The key" });
  const prefix = h("input", { placeholder: "all keys", "aria-label": "Keys that begin with", spellcheck: "false", autocapitalize: "off" });
  let wait = null;
  prefix.oninput = () => { clearTimeout(wait); wait = setTimeout(() => scan(), 200); };
  const made = h("p", { class: "message", role: "status" });
  const newKey = h("input", { spellcheck: "false", autocapitalize: "off" });
  const types = h("select", {}, Object.keys(changes).map(type => h("option", {}, type)));
  root.append(h("div", { class: "head" }, h("h1", {}, "Keys")),
    h("div", { class: "split narrow-left" },
      h("section", { class: "panel", "aria-label": "List of keys" },
        h("div", { class: "fields" }, h("span", { class: "grow" }, prefix), h("button", { onclick: () => scan() }, "Scan")),
        list,
        h("details", { class: "later" }, h("summary", {}, "Another key"), h("form", {
          class: "fields later",
          onsubmit: event => {
            event.preventDefault();
            if (!newKey.value) return;
            newType = types.value;
            location.hash = `#keys/${idOf(newKey.value)}`;
          },
        }, h("label", { class: "grow" }, "Key", newKey), h("label", {}, "as a", types), h("button", {}, "Open")), made)),
      detail));

  async function scan(after) {
    const number = ++asked;
    try {
      const query = new URLSearchParams({ prefix: prefix.value, limit: "60", ...(after ? { after } : {}) });
      const page = await call(`keys?${query}`);
      if (number !== asked) return;
      keys = after ? [...keys, ...page.keys] : page.keys;
      [next, missing, problem] = [page.next, page.missing, null];
    } catch (failure) {
      if (number !== asked) return;
      problem = failure.message;
    }
    drawList();
  }

  function drawList() {
    show(list,
      problem ? h("p", { class: "message bad" }, problem) : null,
      missing ? h("p", { class: "message bad" }, missing) : null,
      keys.length === 0 && !problem ? h("p", { class: "empty" }, prefix.value ? "No key begins so." : "There are no keys yet.") : null,
      h("div", { class: "keylist" }, keys.map(key => h("a", {
        href: `#keys/${key.id}`, "aria-current": key.id === chosen ? "true" : null, "data-key": key.id,
      }, h("span", { class: "name" }, key.text), h("span", { class: "muted small" }, key.type)))),
      next ? h("button", { onclick: () => scan(next) }, "More keys") : null);
  }

  function open(id) {
    chosen = id || null;
    shown = null;
    watch?.close();
    watch = null;
    drawList();
    if (!chosen) { show(detail, h("p", { class: "panel empty" }, "Choose a key to see what each of its replicas holds.")); return; }
    show(detail, h("p", { class: "panel empty" }, "Asking its owners…"));
    look();
  }

  function look() {
    if (document.hidden || watch || !chosen) return;
    watch = new EventSource(`/dashboard/api/watch?id=${chosen}`);
    watch.addEventListener("key", event => { shown = JSON.parse(event.data); drawKey(); });
    watch.onerror = async () => {
      if (watch?.readyState !== EventSource.CLOSED) return;
      watch = null;
      try { await call(`key?id=${chosen}`); setTimeout(look, 2000); } catch (failure) { show(detail, h("p", { class: "panel message bad" }, failure.message)); }
    };
  }

  let form = null;
  function drawKey() {
    const type = typeOf(shown) ?? newType ?? "counter";
    if (form?.id !== shown.id || form.type !== type) form = { id: shown.id, type, element: changeForm(type) };
    show(detail,
      h("section", { class: "panel", "data-key": shown.id },
        h("header", {}, h("h2", { class: "key-title" }, shown.text), verdict(shown)),
        h("p", { class: "muted small" }, `${typeOf(shown) ?? "holds nothing"} · partition ${shown.partition} · owners ${shown.owners.join(", ")}`),
        standIn(form.element)),
      h("section", { class: "panel", "aria-labelledby": "replicas-title" },
        h("header", {}, h("h2", { id: "replicas-title" }, "At each owner"), h("span", { class: "muted small" }, "live")),
        h("div", { class: "replicas" }, shown.nodes.map(one => replica(one, shown)))));
  }

  function changeForm(type) {
    const message = h("p", { class: "message", role: "status" });
    const ids = app.cluster ? app.cluster.nodes.map(one => one.id) : shown.owners;
    const node = h("select", {}, nodeOptions(ids));
    node.value = String(ids.includes(app.session.node) ? app.session.node : ids[0]);
    const level = h("select", {}, levels.map(one => h("option", {}, one)));
    level.value = "quorum";
    const where = () => ({ id: chosen, node: node.value, level: level.value });
    const removal = h("button", {
      type: "button",
      onclick: async () => {
        if (!confirm(`Delete ${shown.text}?`)) return;
        try {
          const told = await call("change", { ...where(), node: Number(node.value), action: "delete" });
          message.className = `message ${told.done ? "good" : "bad"}`;
          message.textContent = told.done ? `deleted, ${told.text}` : `${told.code}: ${told.text}`;
          scan();
        } catch (failure) { message.className = "message bad"; message.textContent = failure.message; }
      },
    }, "Delete key");
    return h("div", { "data-own": "", "data-key": `${shown.id} ${type}`, class: "later", role: "group", "aria-label": "Change the key" },
      h("div", { class: "fields" },
        h("label", {}, "At", node), h("label", {}, "W", level),
        changeControls(type, where, message, () => { if (!keys.some(key => key.id === chosen)) scan(); }), removal),
      message);
  }

  const again = () => { if (document.hidden) { watch?.close(); watch = null; } else look(); };
  document.addEventListener("visibilitychange", again);
  open(chosen);
  scan();
  return {
    moved(id) { open(id); return true; },
    unmount() {
      watch?.close();
      watch = null;
      clearTimeout(wait);
      document.removeEventListener("visibilitychange", again);
    },
  };
}

/** The id of a key that somebody has typed. */
export function idOf(text) {
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return encoded.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The type of what a key holds, as the first node says that knows it. */
export const typeOf = shown => shown.nodes.map(one => one.value?.type ?? one.objects?.find(held => held.answers && held.visible)?.type).find(type => type);

function verdict(shown) {
  const owners = shown.nodes.filter(one => one.owner);
  const silent = owners.filter(one => one.problem);
  if (silent.length) return h("span", { class: "pill bad" }, `${many(silent.length, "owner")} not heard`);
  const clocks = owners.map(one => JSON.stringify(one.objects));
  return clocks.every(one => one === clocks[0])
    ? h("span", { class: "pill good" }, "all replicas agree")
    : h("span", { class: "pill slow" }, "replicas differ");
}

function replica(one, shown) {
  const others = shown.nodes.filter(other => other !== one && !other.problem);
  const differs = !one.problem && others.some(other => !isSame(other.objects, one.objects));
  const elsewhere = new Map();
  for (const other of others) for (const dot of other.clock ?? []) elsewhere.set(dot.replica, Math.min(elsewhere.get(dot.replica) ?? Infinity, dot.sequence));
  return h("div", { class: differs ? "replica other" : "replica", "data-key": one.node },
    h("div", { class: "replica-head" }, h("b", {}, `node ${one.node}`),
      one.replica ? h("span", { class: "muted small mono", title: `replica ${one.replica}` }, short(one.replica)) : null,
      differs ? h("span", { class: "pill slow" }, "differs") : null),
    one.problem ? h("p", { class: "bad small" }, one.problem) : [
      one.unread ? h("p", { class: "bad small" }, one.unread) : valueShown(one.value, others.map(other => other.value)),
      one.expires ? h("p", { class: "small muted" }, `until ${clock(one.expires)}`) : null,
      (one.objects ?? []).map(held => h("div", {},
        h("p", { class: "small muted" }, held.type, held.answers ? "" : " (another type answers)", held.visible ? "" : " (nothing to see)"),
        h("div", { class: "state-lines", tabindex: 0, role: "group", "aria-label": `State at node ${one.node}` }, held.lines.map(line => h("span", {}, line))),
        h("p", { class: "small muted later-s" }, "last change"), dots(held.lastChange, new Map()))),
      h("div", {}, h("p", { class: "small muted" }, "clock"), dots(one.clock ?? [], elsewhere)),
    ]);
}

const short = id => id.slice(-6);

function dots(list, elsewhere) {
  if (list.length === 0) return h("span", { class: "muted small" }, "none");
  return h("div", { class: "dots" }, list.map(dot => h("span", {
    class: elsewhere.has(dot.replica) && elsewhere.get(dot.replica) < dot.sequence ? "new" : null, title: `${dot.replica}:${dot.sequence}`,
  }, `${short(dot.replica)}:${dot.sequence}`)));
}
