// Small helpers: elements, keeping them up to date, numbers for people.

/** Makes an element. Attributes that begin with "on" are handlers; a class may be a list. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Makes an element of SVG. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "style") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else if (name === "value") element.value = value;
    else if (name === "class" && Array.isArray(value)) element.setAttribute("class", value.filter(Boolean).join(" "));
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity))
    if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

const handlers = ["onclick", "onkeydown", "onpointerdown", "onpointerenter", "onpointerleave", "onfocus", "onblur", "onchange", "oninput",
  "onsubmit"];

/** Makes the children of an element these, and leaves alone what is the same: the focus stays, and so does what is typed. */
export function show(parent, ...children) {
  const fresh = children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false)
    .map(child => child instanceof Node ? child : document.createTextNode(child));
  while (parent.childNodes.length > fresh.length) parent.lastChild.remove();
  fresh.forEach((child, i) => {
    const old = parent.childNodes[i];
    if (!old) parent.append(whole(child));
    else patch(old, child);
  });
}

/**
 * Stands for a form in what is drawn anew. A form that is in its place on the page already is left there; put into what is drawn it would be
 * moved there and back, and whoever types in it would lose the focus. Elsewhere the form takes its stand-in's place.
 */
export const standIn = form => Object.assign(h("span", { class: "stand-in" }), { standsFor: form });

// What comes onto the page for the first time: with its forms themselves.
function whole(fresh) {
  if (fresh.standsFor) return fresh.standsFor;
  for (const one of fresh.querySelectorAll?.(".stand-in") ?? []) one.replaceWith(one.standsFor);
  return fresh;
}

function patch(old, fresh) {
  if (old === fresh || old === fresh.standsFor) return;
  if (fresh.standsFor || old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.dataset?.key !== fresh.dataset?.key) {
    old.replaceWith(whole(fresh));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  // What somebody is filling in keeps its own course.
  if (old.hasAttribute("data-own")) return;
  for (const { name } of [...old.attributes]) if (name !== "style" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.style.cssText !== fresh.style.cssText) old.style.cssText = fresh.style.cssText;
  for (const handler of handlers) if (old[handler] !== fresh[handler]) old[handler] = fresh[handler];
  if (old.nodeName === "SELECT" || old.nodeName === "INPUT") {
    if (document.activeElement !== old && old.value !== fresh.value) old.value = fresh.value;
  }
  show(old, [...fresh.childNodes]);
}

/** A number of bytes. */
export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit++; }
  return `${count >= 100 || unit === 0 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`;
}

/** A time that passes, of milliseconds. */
export function span(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor(seconds % 86400 / 3600)} h`;
}

/** The same, roughly. */
export const coarse = ms => span(ms).split(" ").slice(0, 2).join(" ");

/** A latency, of microseconds. */
export function latency(us) {
  if (us <= 0) return "–";
  if (us < 1000) return `${us} µs`;
  if (us < 10_000) return `${(us / 1000).toFixed(1)} ms`;
  if (us < 1e6) return `${Math.round(us / 1000)} ms`;
  return `${(us / 1e6).toFixed(1)} s`;
}

/** A count or a rate, with few digits. */
export function few(value) {
  if (value === 0) return "0";
  if (value < 10) return String(Math.round(value * 10) / 10);
  if (value < 10_000) return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return value < 1e6 ? `${(value / 1000).toFixed(1)} k` : `${(value / 1e6).toFixed(1)} M`;
}

/** A time of day. */
export function clock(unixMs) {
  return new Date(unixMs).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

/** "1 node", "2 nodes". */
export const many = (count, word) => `${few(count)} ${word}${count === 1 ? "" : "s"}`;

/** Numbers in rising order, with what follows one another as ranges: "1–4, 7". */
export function ranges(numbers) {
  const parts = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => from === to ? from : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`).join(", ");
}

/** A colour that stands for a node, everywhere the same. Neighbouring numbers are far apart. */
export const colorOf = node => `oklch(var(--node-l) var(--node-c) ${Math.round((node - 1) * 137.5 + 205) % 360})`;

/** A choice of nodes. */
export function nodeOptions(nodes) {
  return nodes.map(node => h("option", { value: node }, `node ${node}`));
}

/** Calls the node. Throws an error with the words of its refusal. */
export async function call(path, body) {
  const answer = await fetch(`/dashboard/api/${path}`, body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text);
  let message = text.trim();
  try { message = JSON.parse(text).error; } catch { /* It is plain text. */ }
  const failure = new Error(message || `the node answered ${answer.status}`);
  failure.status = answer.status;
  throw failure;
}
