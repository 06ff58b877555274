// The frame: which page is shown, who looks, and the stream of news that all pages share.
import { h, show, call } from "./ui.js";
import * as cluster from "./cluster.js";
import * as live from "./live.js";
import * as keys from "./keys.js";
import * as lab from "./lab.js";

const pages = {
  cluster: { title: "Cluster", page: cluster, needs: session => session.operates },
  live: { title: "Live", page: live, needs: session => session.operates },
  keys: { title: "Keys", page: keys, needs: () => true },
  lab: { title: "Lab", page: lab, needs: session => session.experiments && session.operates },
};
const keptPoints = 300;
const keptEvents = 500;

/** What is known, for the pages. */
const app = { session: null, cluster: null, partitions: null, points: [], events: [] };
const main = document.getElementById("main");
const notice = document.getElementById("notice");
let mounted = null;
let stream = null;
let retry = 0;
let heardAt = 0;

// The node tells something each second. One that stands still keeps its connections, and no browser notices.
const silentAfterMs = 5000;

function route() {
  const [name, ...rest] = location.hash.slice(1).split("/");
  const possible = Object.keys(pages).filter(page => pages[page].needs(app.session));
  return [possible.includes(name) ? name : possible[0], rest.join("/")];
}

function open() {
  const [name, argument] = route();
  const { title, page } = pages[name];
  document.title = `${title} · Gossipdb`;
  show(document.getElementById("tabs"), Object.keys(pages).filter(one => pages[one].needs(app.session)).map(one =>
    h("li", {}, h("a", { href: `#${one}`, "aria-current": one === name ? "page" : null }, pages[one].title))));
  show(document.getElementById("who"),
    app.session.user ? h("span", {}, app.session.user) : null,
    h("span", { class: "pill", title: `gossipdb ${app.session.version}` }, `node ${app.session.node}`),
    app.session.authentication ? h("button", { class: "plain", onclick: logOut }, "Log out") : null);
  if (mounted?.name === name && mounted.page.moved?.(argument)) return;
  mounted?.page.unmount?.();
  main.replaceChildren();
  mounted = { name, page: page.mount(main, app, argument) };
}

const update = () => mounted?.page.update?.();

function listen() {
  if (stream || document.hidden || !app.session?.operates) return;
  stream = new EventSource("/dashboard/api/cluster");
  heardAt = performance.now();
  const on = (name, take) => stream.addEventListener(name, event => take(JSON.parse(event.data)));
  on("cluster", told => {
    app.cluster = told;
    retry = 0;
    heardAt = performance.now();
    notice.textContent = "";
    if (!app.partitions) return;
    update();
  });
  on("partitions", told => {
    const first = !app.partitions;
    app.partitions = told.parts;
    if (first) update();
  });
  on("live", told => {
    const last = app.points.at(-1)?.at ?? 0;
    app.points = [...app.points, ...told.filter(point => point.at > last)].slice(-keptPoints);
    mounted?.page.points?.();
  });
  on("happened", told => {
    const last = app.events.at(-1)?.number ?? 0;
    // A node that was started anew counts from the beginning.
    app.events = [...(told[0].number > last ? app.events : []), ...told].slice(-keptEvents);
    mounted?.page.happened?.();
  });
  stream.onerror = async () => {
    silence();
    notice.textContent = `Node ${app.session.node} does not answer; what is shown may be old. Trying again…`;
    try {
      await call("session");
    } catch (failure) {
      if (failure.status === 401) { await begin(); return; }
    }
    setTimeout(listen, Math.min(10_000, 500 * 2 ** retry++));
  };
}

setInterval(() => {
  const silent = performance.now() - heardAt;
  if (stream && !document.hidden && silent > silentAfterMs)
    notice.textContent = `Node ${app.session.node} has told nothing for ${Math.round(silent / 1000)} s; what is shown is old.`;
}, 1000);

function silence() {
  stream?.close();
  stream = null;
}

async function logOut() {
  await call("logout", {});
  silence();
  Object.assign(app, { session: null, cluster: null, partitions: null, points: [], events: [] });
  await begin();
}

function askWho() {
  mounted?.page.unmount?.();
  mounted = null;
  silence();
  document.title = "Log in · Gossipdb";
  show(document.getElementById("tabs"));
  show(document.getElementById("who"));
  const message = h("p", { class: "message bad", role: "alert" });
  const user = h("input", { name: "user", autocomplete: "username", required: true });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  main.replaceChildren(h("section", { class: "panel login" },
    h("h1", {}, "Log in"),
    h("p", { class: "muted small" }, "This node wants to know who looks. You see and change what that user may."),
    h("form", {
      onsubmit: async event => {
        event.preventDefault();
        try {
          await call("login", { user: user.value, password: password.value });
          await begin();
        } catch (failure) {
          message.textContent = failure.message;
        }
      },
    }, h("label", {}, "User", user), h("label", {}, "Password", password), h("button", { class: "main" }, "Log in"), message)));
  user.focus();
}

async function begin() {
  try {
    app.session = await call("session");
  } catch (failure) {
    if (failure.status === 401) { askWho(); return; }
    notice.textContent = failure.status ? failure.message : "The node does not answer. Trying again…";
    setTimeout(begin, 2000);
    return;
  }
  notice.textContent = "";
  open();
  listen();
}

addEventListener("hashchange", () => { if (app.session) { open(); main.focus({ preventScroll: true }); } });
// Who does not look is told nothing, and costs nothing.
document.addEventListener("visibilitychange", () => document.hidden ? silence() : listen());
begin();
