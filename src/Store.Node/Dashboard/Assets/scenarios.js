// Scenarios: choose one, run it in this cluster, see what happens, and in the end what was expected and what was measured.
import { h, show, call, few, latency } from "./ui.js";

const judged = { holds: ["good", "holds"], fails: ["bad", "fails"], unknown: ["slow", "unknown"] };

/** The panel. It is told what is so by update(). */
export function scenarios() {
  let offers = null;
  let told = null;
  let wrong = null;
  const choice = h("select", { id: "scenario", onchange: () => drawOffer() });
  const run = h("button", { class: "main", type: "button", onclick: () => begin() }, "Run it");
  const end = h("button", { type: "button", onclick: () => order("end-run", {}) }, "End the run");
  const page = h("div", { class: "scenario-page" });
  const message = h("p", { class: "message", role: "status" });
  const progress = h("div", { class: "run" });
  const fields = h("div", { class: "fields", hidden: true }, h("label", { class: "grow" }, "Scenario", choice), run, end);
  const element = h("section", { class: "panel", "aria-labelledby": "scenarios-title" },
    h("header", {}, h("h2", { id: "scenarios-title" }, "Run a scenario"),
      h("span", { class: "muted small" }, "callers call, something breaks, every call is recorded and checked")),
    fields, page, message, progress);

  async function load() {
    try {
      offers = await call("scenarios");
      wrong = null;
      choice.replaceChildren(...offers.map(one => h("option", { value: one.name }, `${one.name}: ${one.title}`)));
      choice.value = offers.find(one => !one.whyNot)?.name ?? offers[0]?.name;
    } catch (failure) {
      wrong = failure.message;
    }
    drawOffer();
  }

  async function order(path, body) {
    message.className = "message";
    message.textContent = "";
    try {
      await call(path, body);
    } catch (failure) {
      message.className = "message bad";
      message.textContent = failure.message;
    }
  }

  async function begin() {
    run.disabled = true;
    await order("run", { scenario: choice.value });
    draw();
  }

  const goesOn = () => Boolean(told?.run && !told.run.isOver);

  function drawOffer() {
    const offer = offers?.find(one => one.name === choice.value);
    show(page, wrong ? h("p", { class: "muted small" }, `No scenario can be run in this cluster: ${wrong}. 'gossipdb lab run' starts a cluster of its own.`) : null,
      offer ? h("details", { "data-key": offer.name, "data-own": "" }, h("summary", {}, `What it is about (${few(offer.seconds)} s of calls)`),
        offer.page.split(/\n\s*\n/).map(part => h("p", {}, part.replace(/\s+/g, " ")))) : null,
      offer?.whyNot ? h("p", { class: "slow small" }, `Not in this cluster: ${offer.whyNot}.`) : null);
    draw();
  }

  function draw() {
    const offer = offers?.find(one => one.name === choice.value);
    fields.hidden = !offers || Boolean(wrong);
    run.disabled = !offer || Boolean(offer.whyNot) || goesOn() || Boolean(told?.problem);
    end.hidden = !goesOn();
    show(progress, told?.run ? runShown(told.run) : null);
  }

  /** The number of nodes may have changed, and with it what fits. */
  let nodes = 0;
  function update(now) {
    const [was, count] = [told, now?.processes.length ?? 0];
    told = now;
    if (now && !now.problem && (!offers || count !== nodes || was?.problem)) { nodes = count; load(); return; }
    if (now?.problem) [wrong, offers] = [now.problem, null];
    drawOffer();
  }

  return { element, update };
}

function runShown(run) {
  const met = run.expectations.filter(one => one.isMet).length;
  const broken = run.verdicts.filter(one => one.isPromised && one.judgement === "fails").length;
  return [
    h("div", { class: "run-head" }, h("h3", {}, run.scenario), h("span", { class: "muted small" }, `run ${run.number}, asked for by ${run.by}`),
      !run.isOver ? h("span", { class: "pill accent" }, run.at === undefined ? run.doing : `${run.at.toFixed(1)} of ${few(run.seconds)} s${run.phase ? ` · ${run.phase}` : ""}`)
        : run.problem ? h("span", { class: "pill bad" }, "not done")
        : h("span", { class: met === run.expectations.length && !broken ? "pill good" : "pill bad", id: "run-verdict" },
          `${met} of ${run.expectations.length} expectations met${broken ? `, ${broken} broken promises` : ""}`)),
    run.isOver ? null : h("progress", { max: run.seconds, value: run.at === undefined ? null : Math.min(run.at, run.seconds), "aria-label": "How far the callers are" }),
    run.problem ? h("p", { class: "message bad" }, `${run.problem[0].toUpperCase()}${run.problem.slice(1)}${run.problem.endsWith(".") ? "" : "."} What was recorded is in ${run.directory}.`) : null,
    run.expectations.length ? h("div", { "data-key": "expected" }, h("h4", {}, "What was expected"), h("ul", { class: "verdicts" }, run.expectations.map(one => h("li", {},
      h("span", { class: `pill ${one.isMet ? "good" : "bad"}` }, one.isMet ? "met" : "not met"), h("span", {}, one.text), h("span", { class: "muted small" }, one.measured))))) : null,
    run.verdicts.length ? [true, false].map(promised => ({ promised, some: run.verdicts.filter(one => one.isPromised === promised) })).filter(({ some }) => some.length)
      .map(({ promised, some }) => h("div", { "data-key": `found-${promised}` }, h("h4", {}, promised ? "What is promised" : "What no store promises at every level"),
        h("ul", { class: "verdicts" }, some.map(one => h("li", {},
          h("span", { class: `pill ${promised || one.judgement === "holds" ? judged[one.judgement][0] : "slow"}` }, judged[one.judgement][1]), h("span", {}, one.check), h("span", { class: "muted small" }, one.summary)))))) : null,
    run.report ? h("p", { class: "small" }, h("a", { href: "/dashboard/api/report", target: "_blank", rel: "noopener" }, "The whole report"), h("span", { class: "muted" }, `, in ${run.directory}. `),
      h("span", { class: "muted" }, `The run's keys begin with ${run.keyPrefix} and expire within an hour.`)) : null,
    h("div", { class: "split half run-parts" },
      h("div", {}, h("h4", {}, "What happened"), h("ol", { class: "run-events" }, run.events.map(one => h("li", {},
        h("span", { class: "muted" }, one.at === undefined ? "" : `${one.at.toFixed(1)} s`), h("span", {}, one.text))))),
      run.calls.length ? h("div", {}, h("h4", {}, "Calls"), h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Calls of the run" }, h("table", { class: "figures" },
        h("thead", {}, h("tr", {}, ["side", "level", "", "calls", "answered", "last"].map((name, i) => h("th", { scope: "col", class: i > 2 ? "num" : null }, name || h("span", { class: "unseen" }, "kind"))))),
        h("tbody", {}, run.calls.map(one => h("tr", {}, h("td", {}, one.side || "–"), h("th", { scope: "row" }, one.level), h("td", {}, one.reads ? "reads" : "writes"),
          h("td", { class: "num" }, few(one.calls)), h("td", { class: one.answered < one.calls ? "num slow" : "num" }, share(one)), h("td", { class: "num" }, latency(one.lastMicroseconds)))))))) : null),
  ];
}

const share = one => one.calls === 0 ? "–" : `${(Math.floor(1000 * one.answered / one.calls) / 10).toFixed(one.answered === one.calls ? 0 : 1)} %`;
