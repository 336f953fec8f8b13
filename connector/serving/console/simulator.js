/* The simulator, on a laptop only: make something happen, choose how flows answer, watch. */
import { html, useEffect, useSignal } from "./preact.js";
import { local, operate } from "./api.js";
import { aboutOf, plural, span } from "./format.js";
import { Button, Confirm, Labelled, Loaded, Select, State, Time, into, taking } from "./parts.js";
import { attempt, link, useData } from "./state.js";

const MODES = ["accepting", "slow", "throttled", ["failing", "failing 3 times"], "gone"];
const KINDS = { ticket: "A new ticket", note: "A note", status: "Another status", tag: "A tag", form: "A form", chat: "A missed chat", survey: "A survey" };
/** What a flow waits for to hear of it; forms and surveys are found by asking, which no flow of this page does. */
const EVENTS = { note: "ticket.notes.added", status: "ticket.status.updated", tag: "ticket.tags.updated", chat: "chat.created" };
/** What each kind asks for; \`list\` names the choices of the site. */
const ASKED = {
  ticket: [{ name: "title", title: "Title", usual: "New starter: Jane Doe" }, { name: "company", title: "Company", list: "companies" }, { name: "board", title: "Board", list: "boards" }, { name: "priority", title: "Priority", list: "priorities" }],
  note: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "text", title: "Text", usual: "It works again, thank you." }],
  status: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "status", title: "To", list: "statuses", needed: true }],
  tag: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "tag", title: "Tag", usual: "vip" }],
  form: [{ name: "form", title: "Form", list: "forms", needed: true }],
  chat: [],
  survey: [{ name: "ticket", title: "Ticket", list: "tickets", needed: true }, { name: "score", title: "Score", usual: "1" }],
};

const act = (path, body, done, method = "POST") => attempt(() => local(path, body, method), done);

export function Simulator() {
  const choices = useData(() => local("sim/choices"), []);
  return html`<div class="stack">
    <header><h1>Simulator</h1><p class="lead">A DeskDirector of its own on this machine. Make something happen and watch the event arrive at a flow.</p></header>
    <div class="three">
      <section class="card" aria-label="Make something happen"><h2><span class="step">1</span>Make something happen</h2>
        <${Loaded} of=${choices}>${(data) => html`<${Make} choices=${data} again=${choices.again} />`}<//></section>
      <section class="card" aria-label="Where it goes"><h2><span class="step">2</span>Where it goes</h2><${Receivers} boards=${choices.data.value?.boards ?? []} /></section>
      <section class="card" aria-label="Watch"><h2><span class="step">3</span>Watch</h2><${Watch} /></section>
    </div>
    <details class="audit"><summary>Faults, clock, order</summary><${Weather} /></details>
  </div>`;
}

/** Let a flow wait for a kind of thing, unless one does. */
async function listenTo(kind) {
  const eventType = EVENTS[kind], flow = `demo-${kind}`;
  if (!eventType || (await local("flows")).results.some((one) => one.flow === flow && one.subscriptionId)) return;
  await local("flows/subscribe", { flow, eventType });
}

/** The choices of a list: each what is sent, with what is shown for it where that differs. */
function listed(choices, list, ticket) {
  const all = choices[list] ?? [];
  if (list === "tickets") return all.map((one) => [String(one.id), `#${one.id} ${one.title}`]);
  if (list === "forms") return all.map((one) => [String(one.id), one.name]);
  const present = choices.tickets?.find((one) => String(one.id) === ticket)?.status;
  const boards = all.filter((one) => one.name === present).map((one) => one.board);
  const fitting = list === "statuses" ? all.filter((one) => boards.includes(one.board) && one.name !== present) : all;
  return [...new Set(fitting.map((one) => one.name))];
}

function Make({ choices, again }) {
  const kind = useSignal("ticket"), values = useSignal({}), busy = useSignal(false);
  const made = useSignal(null);
  const asked = ASKED[kind.value];
  const valueOf = (one) => values.value[one.name] ?? one.usual ?? (one.needed ? [optionsOf(one)[0]].flat()[0] ?? "" : "");
  const optionsOf = (one) => listed(choices, one.list, String(values.value.ticket ?? choices.tickets?.[0]?.id));
  const send = async (more = {}) => {
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
  return html`<form onSubmit=${(event) => (event.preventDefault(), send())}>
    <${Labelled} id="sim-kind" label="What"><${Select} id="sim-kind" value=${kind.value} choices=${Object.entries(KINDS)} onPick=${(one) => (kind.value = one)} /><//>
    ${asked.map((one) => {
      const entry = { id: `sim-${one.name}`, value: valueOf(one) };
      const set = (value) => (values.value = { ...values.value, [one.name]: value });
      return html`<${Labelled} key=${kind.value + one.name} id=${entry.id} label=${one.title}>${one.list
        ? html`<${Select} ...${entry} choices=${[...(one.needed ? [] : [["", "any"]]), ...optionsOf(one)]} onPick=${set} />`
        : html`<input ...${entry} onInput=${taking(set)} />`}<//>`;
    })}
    <div class="actions"><button class="button primary" disabled=${busy.value}>Do it</button>
      ${kind.value === "ticket" && html`<${Button} disabled=${busy.value} onClick=${() => send({ what: "burst", count: 50 })}>50 times<//>`}</div>
    ${["form", "survey"].includes(kind.value) && html`<p class="about">Triggers for this ask DeskDirector from time to time, so no event comes by itself.</p>`}
    ${made.value && html`<p class="faint" role="status">Made: ${made.value.kind} ${made.value.id ? `#${made.value.id}` : ""} ${made.value.title ?? ""}</p>`}
  </form>`;
}

function Receivers({ boards }) {
  const data = useData(() => local("flows"), [], 2);
  const name = useSignal(""), board = useSignal("");
  const set = async (flow, mode) => {
    await act("flows/mode", { flow, mode, ...(mode === "failing" ? { times: 3 } : {}) }, `The flow '${flow}' is ${mode}.`);
    data.again();
  };
  const add = async (event) => {
    event.preventDefault();
    if (!name.value.trim()) return;
    if (await act("flows/subscribe", { flow: name.value.trim(), eventType: "ticket.new", conditions: board.value ? { board: board.value } : {} }, "It waits.")) name.value = "";
    data.again();
  };
  return html`<${Loaded} of=${data} rows=${3}>${({ results }) => html`<ul class="receivers">${results.map((one) => html`<li key=${one.flow}>
      <div><strong>${one.subscriptionId ? html`<a href=${link("flows", one.subscriptionId)}>${one.flow}</a>` : one.flow}</strong><small class="faint">${one.received} received</small></div>
      <${Select} aria-label=${`How ${one.flow} answers`} value=${one.mode} choices=${MODES} onPick=${(mode) => set(one.flow, mode)} /></li>`)}</ul>`}<//>
    <form onSubmit=${add}><div class="row"><input aria-label="Name of another flow" placeholder="another-flow" value=${name.value} onInput=${into(name)} />
      <${Select} aria-label="Only of this board" value=${board.value} onPick=${(one) => (board.value = one)}
        choices=${[["", "of any board"], ...boards.map(({ name }) => [name, `of ${name}`])]} />
      <button class="button">Add</button></div></form>
    <p class="about">A flow here stands for one of Power Automate: it waits for new tickets and answers as you choose.</p>`;
}

function Watch() {
  const data = useData(() => operate("events", { query: { take: 12 } }), [], 1);
  return html`<${Loaded} of=${data} rows=${5}>${({ results }) => (results.length ? html`<${Arrived} rows=${results} />` : html`<p class="faint">Press <strong>Do it</strong>: the event stands here in a moment.</p>`)}<//>`;
}

function Arrived({ rows }) {
  return html`<ul class="watch">${rows.map((row) => html`<li key=${row.eventId}><a href=${link("events", row.eventId)}><span><${Time} at=${row.receivedAt} /> <code>${row.eventType}</code>${row.flows?.wanted < row.flows?.waiting && ` · ${row.flows.wanted} of ${plural(row.flows.waiting, "flow")}`}</span><span class="what">${aboutOf(row)}</span></a>
    <${State} state=${row.worst} /><small class="faint">${row.ms === undefined ? "" : span(row.ms)}</small></li>`)}</ul><p><a href=${link("events")}>All events</a></p>`;
}

function Weather() {
  const status = useSignal("503"), path = useSignal("tickets"), times = useSignal("3"), asking = useSignal(false), clock = useSignal("");
  useEffect(() => {
    local("sim/clock").then((answer) => (clock.value = answer.now), () => {});
  }, []);
  const turn = async (body) => {
    const answer = await act("sim/clock", body, "The simulator's clock was changed.");
    if (answer) clock.value = answer.now;
  };
  const entry = (id, label, value) => html`<${Labelled} id=${id} label=${label}><input id=${id} class="short" value=${value.value} onInput=${into(value)} /><//>`;
  return html`<div class="three">
    <section><h3>DeskDirector fails</h3><div class="row">${entry("fault-status", "Status", status)}${entry("fault-path", "On paths with", path)}${entry("fault-times", "Times", times)}</div>
      <div class="actions"><${Button} onClick=${() => act("sim/faults", { status: Number(status.value), path: path.value, times: Number(times.value) }, "It fails from now on.")}>Fail<//><${Button} kind="quiet" onClick=${() => act("sim/faults", undefined, "No faults any more.", "DELETE")}>No faults<//></div></section>
    <section><h3>Its clock</h3><p><${Time} at=${clock.value} /></p><div class="actions"><${Button} onClick=${() => turn({ seconds: 3600 })}>+1 h<//><${Button} onClick=${() => turn({ seconds: 172800 })}>+2 days<//></div><p class="about">The simulator's only; the app's stays.</p></section>
    <section><h3>What it sends</h3><div class="actions"><${Button} onClick=${() => act("sim/deliveries", { duplicates: 1 }, "Each comes twice.")}>Twice<//><${Button} onClick=${() => act("sim/deliveries", { hold: 2 }, "The next two come in the other order.")}>Out of order<//>
      <${Button} kind="danger" onClick=${() => (asking.value = true)}>Reset …<//></div></section>
    ${asking.value && html`<${Confirm} title="Reset the simulator?" yes="Reset" danger onNo=${() => (asking.value = false)} onYes=${() => ((asking.value = false), act("sim/reset", {}, "It is as at the start."))}><p>Its tickets, faults and registrations are as at the start. Events stay in the app's store.</p><//>`}
  </div>`;
}
