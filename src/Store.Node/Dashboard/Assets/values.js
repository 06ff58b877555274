// Values, and the forms that change them.
import { h, call } from "./ui.js";

/** The types the dashboard can change, with what can be done to each. */
export const changes = {
  counter: [{ action: "add", word: "Add", input: "number", start: "1" }],
  "bounded-counter": [{ action: "add", word: "Add", input: "number", start: "1" }],
  set: [{ action: "add", word: "Add", input: "text" }, { action: "remove", word: "Remove", input: "text" }],
  register: [{ action: "set", word: "Set", input: "text" }],
  "multi-register": [{ action: "set", word: "Set", input: "text" }],
  flag: [{ action: "set", word: "On", value: "on" }, { action: "set", word: "Off", value: "off" }],
  text: [{ action: "append", word: "Append", input: "text" }],
  sequence: [{ action: "append", word: "Append", input: "text" }],
};

export const levels = ["one", "two", "quorum", "all", "one-sloppy", "quorum-sloppy"];

/**
 * A value. Items that not all of the others have stand out.
 * @param {object|undefined} value What a node tells.
 * @param {object[]} others The values elsewhere.
 */
export function valueShown(value, others = []) {
  if (!value) return h("div", { class: "value" }, h("span", { class: "muted" }, "nothing"));
  const more = value.more ? h("li", { class: "muted" }, `and ${value.more} more`) : null;
  if (value.items) {
    if (value.items.length === 0) return h("div", { class: "value" }, h("span", { class: "muted" }, "empty"));
    const elsewhere = others.map(other => new Set(other?.items ?? []));
    return h("div", { class: "value" }, h("ul", { class: "items" }, value.items.map(item =>
      h("li", { class: elsewhere.some(set => !set.has(item)) ? "only" : null, "data-key": item }, item)), more));
  }
  if (value.fields) {
    if (value.fields.length === 0) return h("div", { class: "value" }, h("span", { class: "muted" }, "empty"));
    return h("div", { class: "value" }, h("dl", { class: "fields-shown" }, value.fields.map(field =>
      [h("dt", {}, field.name), h("dd", {}, valueInLine(field.value))]), more));
  }
  const text = value.text ?? "nothing";
  return h("div", { class: "value" }, h("span", { class: text.length > 40 ? "long" : "big" }, text));
}

function valueInLine(value) {
  if (value?.items) return value.items.join(", ");
  if (value?.fields) return h("dl", { class: "fields-shown" }, value.fields.map(field => [h("dt", {}, field.name), h("dd", {}, valueInLine(field.value))]));
  return value?.text ?? "nothing";
}

/** Whether two nodes tell the same. */
export const isSame = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/**
 * The controls that change a key of a type.
 * @param {string} type The type.
 * @param {function(): {key, id, node, level}} where What is changed, at which node and level.
 * @param {HTMLElement} message Where the outcome goes.
 * @param {function()} done Called after a change that was made.
 * @param {string} label What it is, for those who do not see where it stands.
 */
export function changeControls(type, where, message, done = () => {}, label = "") {
  const known = changes[type];
  if (!known) return [h("p", { class: "muted small" }, `The dashboard does not change a ${type}: use the command line or a client for it.`)];
  const form = known.find(one => one.input);
  const input = form ? h("input", {
    type: form.input, value: form.start ?? "", "aria-label": `${form.input === "number" ? "Amount" : "Value"}${label}`, placeholder: form.input === "text" ? "value" : null,
  }) : null;
  const run = async change => {
    const value = change.value ?? input.value;
    if (change.input && value === "") { input.focus(); return; }
    message.className = "message";
    message.textContent = "…";
    try {
      const { key, id, node, level } = where();
      const told = await call("change", { key, id, type, action: change.action, value, node: Number(node), level });
      message.className = `message ${told.done ? "good" : "bad"}`;
      message.textContent = told.done ? told.text : `${told.code}: ${told.text}`;
      if (told.done) {
        if (form?.input === "text") input.value = "";
        done();
      }
    } catch (failure) {
      message.className = "message bad";
      message.textContent = failure.message;
    }
  };
  if (input) input.onkeydown = event => { if (event.key === "Enter") { event.preventDefault(); run(known[0]); } };
  return [
    input ? h("span", { class: "grow" }, input) : null,
    known.map((change, i) => h("button", { type: "button", class: i === 0 ? "main" : null, onclick: () => run(change) }, change.word)),
  ];
}
