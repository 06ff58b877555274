// The board of the lab: nodes on sides, that are dragged apart to cut the links between them.
import { h, s, colorOf } from "./ui.js";
import { stateOfLink, stateOfNode, withLinks } from "./cluster.js";

const names = "ABCDEFGH";

/** How a side is called. */
export const sideName = index => `side ${names[index] ?? index + 1}`;

/** Who can still hear whom, over whatever others: the sides, each by its lowest node. A link cut one way only does not part anybody. */
export function sidesOf(cluster) {
  withLinks(cluster);
  const left = new Set(cluster.nodes.map(node => node.id));
  const sides = [];
  for (const first of left) {
    const side = [];
    const next = [first];
    left.delete(first);
    while (next.length) {
      const at = next.pop();
      side.push(at);
      for (const other of [...left]) {
        if (cluster.faultOf(at, other)?.cut && cluster.faultOf(other, at)?.cut) continue;
        left.delete(other);
        next.push(other);
      }
    }
    sides.push(side.sort((a, b) => a - b));
  }
  return sides;
}

/** The angle after a part of the way around an ellipse, from the top: nodes are as far apart at its ends as elsewhere. */
function turnOf(part, wide, high) {
  const steps = 360;
  const lengths = [0];
  const at = step => step / steps * 2 * Math.PI - Math.PI / 2;
  for (let step = 1; step <= steps; step++) {
    const [a, b] = [at(step - 1), at(step)];
    lengths.push(lengths[step - 1] + Math.hypot(wide * (Math.cos(b) - Math.cos(a)), high * (Math.sin(b) - Math.sin(a))));
  }
  return at(Math.max(0, lengths.findIndex(length => length >= part * lengths[steps] - 1e-9)));
}

/**
 * A board that stays in its place and is told what is so.
 * @param {function(number, number)} move Puts a node on a side; the side after the last one is a new one.
 */
export function board(move) {
  const element = h("div", { class: "board", "data-own": "" });
  const lines = s("svg", { "aria-hidden": "true" });
  const picker = h("div", { class: "board-help fields", "aria-live": "polite" });
  let cluster = null;
  let sides = [];
  let chips = new Map();
  let areas = [];
  let picked = null;
  let drag = null;
  let drawn = "";

  function update(told) {
    cluster = withLinks(told);
    if (drag) { drawLines(); return; }
    const now = sidesOf(cluster);
    const shape = JSON.stringify([now, now.length < Math.min(cluster.nodes.length, 6)]);
    if (shape !== drawn) { sides = now; build(); drawn = shape; }
    for (const node of cluster.nodes) {
      const [state, word] = stateOfNode(node);
      const chip = chips.get(node.id);
      chip.querySelector(".dot").className = `dot ${state}`;
      chip.setAttribute("aria-label", `node ${node.id}, ${word}, ${sideName(sides.findIndex(side => side.includes(node.id)))}; arrow keys move it to another side`);
      chip.setAttribute("aria-pressed", String(picked === node.id));
    }
    drawPicker();
    drawLines();
  }

  function build() {
    const focused = [...chips].find(([, chip]) => chip === document.activeElement)?.[0];
    const size = cluster.nodes.length;
    element.classList.toggle("many", size > 8);
    chips = new Map();
    areas = sides.map((side, index) => h("div", { class: "side", role: "group", "aria-label": sideName(index), style: { "flex-grow": String(0.6 + side.length) } },
      h("span", { class: "side-name" }, sides.length === 1 ? "all nodes hear each other" : sideName(index)), side.map((id, i) => chip(id, i, side.length))));
    if (sides.length < Math.min(size, 6))
      areas.push(h("div", { class: "side free" }, h("span", { class: "side-name" }, sides.length === 1 ? "Drag nodes here to cut them off" : "Drag here for one more side")));
    element.replaceChildren(lines, ...areas);
    chips.get(focused)?.focus();
  }

  function chip(id, i, of) {
    const [wide, high] = of === 1 ? [0, 0] : of > 8 ? [240, 112] : of > 4 ? [84, 84] : [70, 66];
    const turn = turnOf(i / of, wide, high);
    const radius = `${of > 8 ? 38 : 36}%, ${wide}px`;
    const shift = (share, middle) => `calc(${middle}% + ${share.toFixed(4)} * min(${radius}))`;
    const button = h("button", {
      type: "button", class: "chip", id: `chip-${id}`,
      style: { left: shift(Math.cos(turn), 50), top: `calc(${of > 2 ? 56 : 54}% + ${Math.sin(turn).toFixed(4)} * ${high}px)`, "--own": colorOf(id) },
      onpointerdown: event => begin(event, id, button),
      onkeydown: event => key(event, id),
      onclick: () => { picked = picked === id ? null : id; update(cluster); },
    }, String(id), h("span", { class: "dot" }));
    chips.set(id, button);
    return button;
  }

  function key(event, id) {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const to = sides.findIndex(side => side.includes(id)) + by;
    if (to >= 0 && to < areas.length) put(id, to);
  }

  function put(id, to) {
    const from = sides.findIndex(side => side.includes(id));
    if (from === to || (to >= sides.length && sides[from].length === 1)) return;
    picked = null;
    // Shown at once; what nodes then say is what counts.
    sides = sides.map(side => side.filter(one => one !== id));
    if (to < sides.length) sides[to].push(id);
    else sides.push([id]);
    sides = sides.filter(side => side.length).map(side => side.sort((a, b) => a - b)).sort((a, b) => a[0] - b[0]);
    build();
    drawn = JSON.stringify([sides, sides.length < Math.min(cluster.nodes.length, 6)]);
    drawLines();
    move(sides.map(side => [...side]));
  }

  function begin(event, id, button) {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    const start = [event.clientX, event.clientY];
    const from = sides.findIndex(side => side.includes(id));
    let over = from;
    button.onpointermove = moved => {
      const [x, y] = [moved.clientX - start[0], moved.clientY - start[1]];
      if (!drag && Math.hypot(x, y) < 6) return;
      drag = id;
      button.classList.add("dragged");
      button.style.transform = `translate(${x}px, ${y}px)`;
      over = areas.findIndex(area => {
        const box = area.getBoundingClientRect();
        return moved.clientX >= box.left && moved.clientX <= box.right && moved.clientY >= box.top && moved.clientY <= box.bottom;
      });
      areas.forEach((area, i) => area.classList.toggle("over", i === over && i !== from));
      drawLines();
    };
    const end = done => {
      button.onpointermove = button.onpointerup = button.onpointercancel = null;
      button.classList.remove("dragged");
      button.style.transform = "";
      areas.forEach(area => area.classList.remove("over"));
      if (!drag) return;
      drag = null;
      // The click that ends a drag chooses nothing.
      button.addEventListener("click", click => { click.stopImmediatePropagation(); click.preventDefault(); }, { capture: true, once: true });
      setTimeout(() => button.replaceWith(button), 0);
      if (done && over >= 0) put(id, over);
      else drawLines();
    };
    button.onpointerup = () => end(true);
    button.onpointercancel = () => end(false);
  }

  function drawPicker() {
    if (picked === null) {
      picker.replaceChildren(h("span", { class: "muted small" }, "Drag a node to another side, or choose it and say where it goes."));
      return;
    }
    const from = sides.findIndex(side => side.includes(picked));
    const id = picked;
    if (picker.dataset.shown === `${id} ${from} ${areas.length}`) return;
    picker.dataset.shown = `${id} ${from} ${areas.length}`;
    picker.replaceChildren(h("span", {}, `Node ${id} goes to`), areas.map((_, to) => to === from || (to >= sides.length && sides[from].length === 1) ? null
      : h("button", { type: "button", onclick: () => put(id, to) }, to < sides.length ? sideName(to) : "a side of its own")).filter(Boolean));
  }

  function drawLines() {
    const origin = element.getBoundingClientRect();
    const at = new Map([...chips].map(([id, chip]) => {
      const box = chip.getBoundingClientRect();
      return [id, [box.left + box.width / 2 - origin.left, box.top + box.height / 2 - origin.top]];
    }));
    const many = cluster.nodes.length > 8;
    const shapes = [];
    const labels = [];
    const ids = [...at.keys()].sort((a, b) => a - b);
    ids.forEach((a, i) => ids.slice(i + 1).forEach(b => {
      const [x1, y1] = at.get(a);
      const [x2, y2] = at.get(b);
      const apart = sides.findIndex(side => side.includes(a)) !== sides.findIndex(side => side.includes(b));
      const there = stateOfLink(cluster, a, b);
      const back = stateOfLink(cluster, b, a);
      const fault = cluster.faultOf(a, b) ?? cluster.faultOf(b, a);
      let state = apart ? "cut" : [there[0], back[0]].find(one => one === "cut" || one === "lost") ?? (fault && !fault.cut ? "fault" : there[0]);
      if (many && apart) return;
      shapes.push(s("line", { x1, y1, x2, y2, class: state || null }));
      if (!apart && fault && !many) labels.push(s("text", { x: (x1 + x2) / 2, y: (y1 + y2) / 2 + 4 }, faultLabel(cluster.faultOf(a, b), cluster.faultOf(b, a))));
    }));
    lines.replaceChildren(...shapes, ...labels);
  }

  new ResizeObserver(() => { if (cluster) drawLines(); }).observe(element);
  return { element, picker, update };
}

/** What is wrong with a link, in a few letters. */
function faultLabel(there, back) {
  const words = fault => !fault ? "" : fault.cut ? "cut" : [fault.delayMs ? `+${fault.delayMs} ms` : "", fault.loss ? `${Math.round(fault.loss * 100)} % lost` : ""].filter(Boolean).join(" ") || "slow";
  return words(there) === words(back) ? words(there) : [words(there) && `→ ${words(there)}`, words(back) && `← ${words(back)}`].filter(Boolean).join(" ");
}
