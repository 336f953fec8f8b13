/* The simulator, on a laptop only: make something happen, choose how flows answer, watch. */
import { html, useEffect, useSignal } from "./preact.js";
import { local, operate } from "./api.js";
import { aboutOf, span } from "./format.js";
import { Button, Confirm, Loaded, Loading, Problem, State, Time, into } from "./parts.js";
import { link, tell, useData } from "./state.js";

const MODES = ["accepting", "slow", "throttled", "failing", "gone"];
const KINDS = { ticket: "A new ticket", note: "A note", status: "Another status", tag: "A tag", form: "A form", chat: "A missed chat", survey: "A survey" };
/** What a flow waits for to hear of it; forms and surveys are found by asking, which no flow of this page does. */
const EVENTS = { note: "ticket.notes.added", status: "ticket.status.updated", tag: "ticket.tags.updated", chat: "chat.created" };
/** What each kind asks for; \`list\` names the choices of the site. @type {Record<string, {name: string, title: string, list?: string, needed?: boolean, usual?: string}[]>} */
const ASKED = {
  ticket: [{ name: "title", title: "Title", usual: "New starter: Jane Doe" }, { name: "company", title: "Company", list: "companies" }, { name: "board", title: "Board", list: "boards" }, { name: "priority", title: "Priority", list: "priorities" }],
  note: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "text", title: "Text", usual: "It works again, thank you." }],
  status: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "status", title: "To", list: "statuses", needed: true }],
  tag: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "tag", title: "Tag", usual: "vip" }],
  form: [{ name: "form", title: "Form", list: "forms", needed: true }],
  chat: [],
  survey: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "score", title: "Score", usual: "1" }],
};

/** @param {string} path @param {unknown} body @param {string} done @param {string} [method] */
async function act(path, body, done, method = "POST") {
  try {
    const answer = await local(path, body, method);
    tell(done);
    return answer;
  } catch (problem) {
    tell(/** @type {Error} */ (problem).message);
    return null;
  }
}

export function Simulator() {
  const choices = useData(() => local("sim/choices"), []);
  return html`<div class="stack">
    <header><h1>Simulator</h1><p class="lead">A DeskDirector of its own on this machine. Make something happen and watch the event arrive at a flow.</p></header>
    <div class="three">
      <section class="card" aria-label="Make something happen"><h2><span class="step">1</span>Make something happen</h2>
        <${Loaded} of=${choices}>${(/** @type {any} */ data) => html`<${Make} choices=${data} again=${choices.again} />`}<//></section>
      <section class="card" aria-label="Where it goes"><h2><span class="step">2</span>Where it goes</h2><${Receivers} boards=${choices.data.value?.boards ?? []} /></section>
      <section class="card" aria-label="Watch"><h2><span class="step">3</span>Watch</h2><${Watch} /></section>
    </div>
    <details class="audit"><summary>Faults, clock, order</summary><${Weather} /></details>
  </div>`;
}

/** Let a flow wait for a kind of thing, unless one does. @param {string} kind */
async function listenTo(kind) {
  const eventType = EVENTS[/** @type {"note"} */ (kind)], flow = `demo-${kind}`;
  if (!eventType || (await local("flows")).results.some((/** @type {any} */ one) => one.flow === flow && one.subscriptionId)) return;
  await local("flows/subscribe", { flow, eventType });
}

/** The choices of a list, as what is sent and what is shown. @param {any} choices @param {string} list @param {string} ticket
 * @returns {{value: string, label: string}[]} */
function listed(choices, list, ticket) {
  const all = choices[list] ?? [];
  if (list === "tickets") return all.map((/** @type {any} */ one) => ({ value: String(one.id), label: `#${one.id} ${one.title}` }));
  if (list === "forms") return all.map((/** @type {any} */ one) => ({ value: String(one.id), label: one.name }));
  const present = choices.tickets?.find((/** @type {any} */ one) => String(one.id) === ticket)?.status;
  const boards = all.filter((/** @type {any} */ one) => one.name === present).map((/** @type {any} */ one) => one.board);
  const fitting = list === "statuses" ? all.filter((/** @type {any} */ one) => boards.includes(one.board) && one.name !== present) : all;
  return [...new Set(fitting.map((/** @type {any} */ one) => one.name))].map((name) => ({ value: name, label: name }));
}

/** @param {{choices: any, again: () => void}} props */
function Make({ choices, again }) {
  const kind = useSignal("ticket"), values = useSignal(/** @type {Record<string, string>} */ ({})), busy = useSignal(false);
  const made = useSignal(/** @type {any} */ (null));
  const asked = ASKED[kind.value];
  const valueOf = (/** @type {any} */ one) => values.value[one.name] ?? one.usual ?? (one.needed ? optionsOf(one)[0]?.value ?? "" : "");
  const optionsOf = (/** @type {any} */ one) => listed(choices, one.list, String(values.value.ticket ?? choices.tickets?.[0]?.id));
  const send = async (/** @type {any} */ more = {}) => {
    busy.value = true;
    await listenTo(kind.value).catch(() => {});
    const given = Object.fromEntries(asked.map((one) => [one.name, valueOf(one)]).filter(([, value]) => value));
    if (given.score) given.score = Number(given.score);
    if (given.ticket) given.ticket = Number(given.ticket);
    const answer = await act("sim/trigger", { what: kind.value, ...(kind.value === "chat" ? { missed: true } : {}), ...given, ...more }, "Done.");
    if (answer) made.value = answer.made;
    busy.value = false;
    if (answer && kind.value === "ticket") again();
  };
  return html`<form onSubmit=${(/** @type {Event} */ event) => (event.preventDefault(), send())}>
    <div class="field"><label for="sim-kind">What</label><select id="sim-kind" value=${kind.value} onChange=${into(kind)}>
      ${Object.entries(KINDS).map(([name, title]) => html`<option key=${name} value=${name}>${title}</option>`)}</select></div>
    ${asked.map((one) => html`<div class="field" key=${kind.value + one.name}><label for=${`sim-${one.name}`}>${one.title}</label>${one.list
      ? html`<select id=${`sim-${one.name}`} value=${valueOf(one)} onChange=${(/** @type {any} */ event) => (values.value = { ...values.value, [one.name]: event.target.value })}>
          ${!one.needed && html`<option value=""></option>`}${optionsOf(one).map((each) => html`<option key=${each.value} value=${each.value}>${each.label}</option>`)}</select>`
      : html`<input id=${`sim-${one.name}`} value=${valueOf(one)} onInput=${(/** @type {any} */ event) => (values.value = { ...values.value, [one.name]: event.target.value })} />`}</div>`)}
    <div class="actions"><button class="button primary" disabled=${busy.value}>Do it</button>
      ${kind.value === "ticket" && html`<${Button} disabled=${busy.value} onClick=${() => send({ what: "burst", count: 50 })}>50 times<//>`}</div>
    ${["form", "survey"].includes(kind.value) && html`<p class="about">Triggers for this ask DeskDirector from time to time, so no event comes by itself.</p>`}
    ${made.value && html`<p class="faint" role="status">Made: ${made.value.kind} ${made.value.id ? `#${made.value.id}` : ""} ${made.value.title ?? ""}</p>`}
  </form>`;
}

/** @param {{boards: any[]}} props */
function Receivers({ boards }) {
  const data = useData(() => local("flows"), [], 2);
  const name = useSignal(""), board = useSignal("");
  const set = async (/** @type {string} */ flow, /** @type {string} */ mode) => {
    await act("flows/mode", { flow, mode, ...(mode === "failing" ? { times: 3 } : {}) }, `The flow '${flow}' is ${mode}.`);
    data.again();
  };
  const add = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!name.value.trim()) return;
    if (await act("flows/subscribe", { flow: name.value.trim(), eventType: "ticket.new", conditions: board.value ? { board: board.value } : {} }, "It waits.")) name.value = "";
    data.again();
  };
  return html`<${Loaded} of=${data} rows=${3}>${(/** @type {any} */ { results }) => html`<ul class="receivers">${results.map((/** @type {any} */ one) => html`<li key=${one.flow}>
      <div><strong>${one.subscriptionId ? html`<a href=${link("flows", one.subscriptionId)}>${one.flow}</a>` : one.flow}</strong><small class="faint">${one.received} received</small></div>
      <select aria-label=${`How ${one.flow} answers`} value=${one.mode} onChange=${(/** @type {any} */ event) => set(one.flow, event.target.value)}>${MODES.map((mode) => html`<option key=${mode} value=${mode}>${mode === "failing" ? "failing 3 times" : mode}</option>`)}</select></li>`)}</ul>`}<//>
    <form onSubmit=${add}><div class="row"><input aria-label="Name of another flow" placeholder="another-flow" value=${name.value} onInput=${into(name)} />
      <select aria-label="Only of this board" value=${board.value} onChange=${into(board)}><option value="">of any board</option>${boards.map((one) => html`<option key=${one.id} value=${one.name}>of ${one.name}</option>`)}</select>
      <button class="button">Add</button></div></form>
    <p class="about">A flow here stands for one of Power Automate: it waits for new tickets and answers as you choose.</p>`;
}

function Watch() {
  const data = useData(() => operate("events", { query: { take: 12 } }), [], 1);
  if (!data.data.value) return data.error.value ? html`<${Problem} error=${data.error.value} again=${data.again} />` : html`<${Loading} rows=${5} />`;
  const rows = data.data.value.results;
  if (!rows.length) return html`<p class="faint">Press <strong>Do it</strong>: the event stands here in a moment.</p>`;
  return html`<ul class="watch">${rows.map((/** @type {any} */ row) => html`<li key=${row.eventId}><a href=${link("events", row.eventId)}><span><${Time} at=${row.receivedAt} /> <code>${row.eventType}</code></span><span class="what">${aboutOf(row)}</span></a>
    <${State} state=${row.worst} /><small class="faint">${row.ms === undefined ? "" : span(row.ms)}</small></li>`)}</ul><p><a href=${link("events")}>All events</a></p>`;
}

function Weather() {
  const status = useSignal("503"), path = useSignal("tickets"), times = useSignal("3"), asking = useSignal(false), clock = useSignal("");
  useEffect(() => {
    local("sim/clock").then((answer) => (clock.value = answer.now), () => {});
  }, []);
  const turn = async (/** @type {any} */ body) => {
    const answer = await act("sim/clock", body, "The simulator's clock was changed.");
    if (answer) clock.value = answer.now;
  };
  const entry = (/** @type {string} */ id, /** @type {string} */ label, /** @type {import("./preact.js").Signal<string>} */ value) => html`<div class="field"><label for=${id}>${label}</label><input id=${id} class="short" value=${value.value} onInput=${into(value)} /></div>`;
  return html`<div class="three">
    <section><h3>DeskDirector fails</h3><div class="row">${entry("fault-status", "Status", status)}${entry("fault-path", "On paths with", path)}${entry("fault-times", "Times", times)}</div>
      <div class="actions"><${Button} onClick=${() => act("sim/faults", { status: Number(status.value), path: path.value, times: Number(times.value) }, "It fails from now on.")}>Fail<//><${Button} kind="quiet" onClick=${() => act("sim/faults", undefined, "No faults any more.", "DELETE")}>No faults<//></div></section>
    <section><h3>Its clock</h3><p><${Time} at=${clock.value} /></p><div class="actions"><${Button} onClick=${() => turn({ seconds: 3600 })}>+1 h<//><${Button} onClick=${() => turn({ seconds: 172800 })}>+2 days<//></div><p class="about">The simulator's only; the app's stays.</p></section>
    <section><h3>What it sends</h3><div class="actions"><${Button} onClick=${() => act("sim/deliveries", { duplicates: 1 }, "Each comes twice.")}>Twice<//><${Button} onClick=${() => act("sim/deliveries", { hold: 2 }, "The next two come in the other order.")}>Out of order<//>
      <${Button} kind="danger" onClick=${() => (asking.value = true)}>Reset …<//></div></section>
    ${asking.value && html`<${Confirm} title="Reset the simulator?" yes="Reset" danger onNo=${() => (asking.value = false)} onYes=${() => ((asking.value = false), act("sim/reset", {}, "It is as at the start."))}><p>Its tickets, faults and registrations are as at the start. Events stay in the app's store.</p><//>`}
  </div>`;
}
