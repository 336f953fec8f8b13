/* Try: every operation as a form. */
import { html, signal, useEffect, useMemo, useSignal } from "./preact.js";
import { catalog, connection, local, run } from "./api.js";
import { callOf, isGrave, placedProblems, reads } from "./calls.js";
import { Connect } from "./connect.js";
import { Entry } from "./fields.js";
import { clock, plural } from "./format.js";
import { Icon } from "./icons.js";
import { Button, Confirm, Empty, Loaded, Search } from "./parts.js";
import { attempt, go, link, now, place, useData } from "./state.js";


/** What was entered, by operation: one comes back to it. */
const entered = new Map();

/** The calls of this session, newest first. */
const history = signal([]);
const HISTORY = 20;
let mayWrite = false;
let loading = null;

export function theCatalog() {
  loading ??= catalog().catch((problem) => {
    loading = null;
    throw problem;
  });
  return loading;
}

/** The entries of an operation. */
function valuesOf(operation) {
  const held = entered.get(operation.id) ?? signal({});
  entered.set(operation.id, held);
  return held;
}

/** Go to an operation with entries. */
export function tryWith(operation, values) {
  valuesOf(operation).value = { ...values };
  go("try", operation.id);
}

const WORDS = { reads: "reads", creates: "writes", updates: "writes", sends: "sends", deletes: "deletes", anything: "can do anything" };
const TONES = { reads: "calm", creates: "warn", updates: "warn", sends: "bad", deletes: "bad", anything: "bad" };

const Effects = ({ operation }) => html`<span class="tag ${TONES[operation.effects]}">${operation.kind === "trigger" ? "trigger" : WORDS[operation.effects]}</span>`;

export function Try() {
  const data = useData(theCatalog, []);
  return html`<${Loaded} of=${data} rows=${10}>${({ operations }) => html`<${Browser} all=${operations} />`}<//>`;
}

function Browser({ all }) {
  const operations = useMemo(() => new Map(all.map((one) => [one.id, one])), [all]);
  const chosen = operations.get(place.value.id);
  return html`<div class="split ${chosen ? "chosen" : ""}">
    <${List} all=${all} chosen=${chosen} />
    <div class="detail">
      ${chosen ? html`<${Form} key=${chosen.id} operation=${chosen} operations=${operations} />` : html`<${Welcome} all=${all} operations=${operations} />`}
    </div>
  </div>`;
}

function List({ all, chosen }) {
  const wanted = useSignal("");
  const terms = wanted.value.toLowerCase().split(/\s+/).filter(Boolean);
  const offered = all.filter((one) => one.kind !== "support");
  const fitting = offered.filter((one) => {
    const text = `${one.title} ${one.id} ${one.group} ${one.path} ${one.tool ?? ""}`.toLowerCase();
    return terms.every((term) => text.includes(term));
  });
  const groups = grouped(fitting);
  return html`<aside class="operations" aria-label="Operations">
    <${Search} label="Search operations" placeholder=${`Search ${plural(offered.length, "operation")}`} of=${wanted} />
    <nav aria-label="Operations by group">
      ${[...groups].map(([group, members]) => html`<section key=${group}><h3>${group}</h3><ul>
        ${members.map((one) => html`<li key=${one.id}><a href=${link("try", one.id)} aria-current=${one === chosen ? "page" : undefined}>
          <span>${one.title}</span>${one.preview && html`<small class="tag">preview</small>`}${!reads(one) && one.kind !== "trigger" && html`<span class="mark ${TONES[one.effects]}" title=${WORDS[one.effects]}></span>`}</a></li>`)}
      </ul></section>`)}
      ${!fitting.length && html`<p class="faint pad">No operation has all of these words. <button type="button" class="more" onClick=${() => (wanted.value = "")}>Clear</button></p>`}
    </nav>
  </aside>`;
}

function grouped(operations) {
  const groups = new Map();
  for (const one of operations) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return groups;
}

const SUGGESTED = ["FindTickets", "CreateTicket", "AddTicketNote", "FindContacts", "UpdateTicket", "ListStatuses"];

function Welcome({ all, operations }) {
  const suggested = SUGGESTED.flatMap((id) => operations.get(id) ?? []);
  return html`<div class="welcome">
    <h1>Try an operation</h1>
    <p class="lead">${plural(all.filter((one) => one.kind === "action").length, "action")}, ${plural(all.filter((one) => one.kind === "trigger").length, "trigger")} and the lists behind their drop-downs: the same in Power Automate, Logic Apps, Copilot and MCP.</p>
    <div class="tiles">${suggested.map((one) => html`<a class="tile" key=${one.id} href=${link("try", one.id)}><strong>${one.title}</strong><span>${one.about}</span></a>`)}</div>
    <${History} />
  </div>`;
}

function History() {
  if (!history.value.length) return null;
  return html`<section><h2>This session</h2><ul class="history">${history.value.map((one, at) => html`<li key=${at}>
    <button type="button" class="more" onClick=${() => tryWith(one.operation, one.values)}>${one.operation.title}</button>
    <span class="state ${one.status < 400 && one.status ? "good" : "bad"}">${one.status || "none"}</span><span class="faint">${clock(one.at, now.value)}</span></li>`)}</ul></section>`;
}

function withKey(operation, values) {
  const takes = (operation.fields ?? []).some((field) => field.name === "idempotencyKey");
  return takes && !values.idempotencyKey ? { ...values, idempotencyKey: crypto.randomUUID?.() ?? String(Math.random()) } : values;
}

function Form({ operation, operations }) {
  const values = useMemo(() => valuesOf(operation), [operation]);
  const wrong = useSignal({});
  const copying = useData(() => import("./copyas.js"), []);
  const done = useSignal(null);
  const busy = useSignal(false), asking = useSignal(false);
  const set = (name, value) => {
    values.value = { ...values.value, [name]: value };
    if (wrong.value[name]) wrong.value = Object.fromEntries(Object.entries(wrong.value).filter(([key]) => key !== name));
  };
  const send = async (more = {}) => {
    const given = withKey(operation, { ...values.value, ...more });
    const { problems, ...call } = callOf(operation, given);
    busy.value = true;
    const [answered, { Answer }] = await Promise.all([run(call.path, call), import("./answer.js")]);
    busy.value = false;
    done.value = { exchanged: answered, Answer };
    history.value = [{ operation, values: values.value, status: answered.status, at: new Date() }, ...history.value].slice(0, HISTORY);
    wrong.value = answered.ok ? {} : placedProblems(failureOf(answered), operation, values.value);
    focusWrong(wrong.value);
  };
  const press = (event) => {
    event.preventDefault();
    const { problems } = callOf(operation, values.value);
    wrong.value = Object.fromEntries(Object.entries(problems).map(([name, sentence]) => [name, { sentence, candidates: [] }]));
    if (Object.keys(problems).length) focusWrong(wrong.value);
    else if (!reads(operation) && (isGrave(operation) || !mayWrite)) asking.value = true;
    else send();
  };
  const fields = operation.fields ?? [];
  const advanced = fields.filter((field) => field.shown === "advanced");
  const form = { operation, operations, values: values.value, set, wrong: wrong.value };
  const { problems: _, ...call } = callOf(operation, values.value);
  const openAdvanced = advanced.some((field) => wrong.value[field.name] || values.value[field.name] !== undefined);
  return html`<article class="operation">
    <a class="button quiet small up" href=${link("try")}><${Icon} name="back" />All operations</a>
    <header class="title">
      <h1>${operation.title}</h1><${Effects} operation=${operation} />${operation.preview && html`<span class="tag">preview</span>`}
    </header>
    <p class="lead">${operation.about}</p>
    ${operation.preview && html`<p class="faint">DeskDirector has published no route for this: a site may not have it.</p>`}
    <p class="address"><span class="method">${operation.method}</span> <code>/api/${operation.path}</code></p>
    ${operation.kind === "trigger" ? html`<${Waiting} operation=${operation} />` : !connection.value?.site && operation.connected ? html`<${NeedsSite} />` : html`
    <form onSubmit=${press} novalidate autocomplete="off">
      ${wrong.value[""] && html`<p class="problem" role="alert"><${Icon} name="warn" /><span>${wrong.value[""].sentence}</span></p>`}
      <div class="entries">${fields.filter((field) => field.shown !== "advanced" && field.shown !== "internal").map((field) => html`<${Entry} key=${field.name} field=${field} form=${form} />`)}</div>
      ${advanced.length > 0 && html`<details class="advanced" open=${openAdvanced}><summary>Advanced <span class="faint">${advanced.length}</span></summary>
        <div class="entries">${advanced.map((field) => html`<${Entry} key=${field.name} field=${field} form=${form} />`)}</div></details>`}
      <div class="actions">
        <button class="button ${isGrave(operation) ? "danger" : "primary"}" disabled=${busy.value}><${Icon} name="play" />${busy.value ? "Running …" : "Run"}</button>
        ${operation.example && fields.length > 0 && html`<${Button} kind="quiet" onClick=${() => ((values.value = { ...operation.example }), (wrong.value = {}))}>Fill with the example<//>`}
        ${Object.keys(values.value).length > 0 && html`<${Button} kind="quiet" onClick=${() => ((values.value = {}), (wrong.value = {}), (done.value = null))}>Clear<//>`}
      </div>
    </form>`}
    ${done.value && html`<${done.value.Answer} done=${done.value.exchanged} operation=${operation} onNext=${(continuation) => send({ continuation })} />`}
    ${operation.kind !== "trigger" && copying.data.value && html`<${copying.data.value.CopyAs} operation=${operation} call=${call} values=${values.value} />`}
    ${asking.value && html`<${Asking} operation=${operation} onNo=${() => (asking.value = false)} onYes=${() => ((asking.value = false), (mayWrite = true), send())} />`}
  </article>`;
}

const failureOf = ({ answer, status }) => ({
  code: answer?.error?.code ?? "",
  message: answer?.message ?? (status ? `The app answered ${status}.` : "The app did not answer. Is it running, and can this browser reach it?"),
  details: answer?.error?.details ?? [],
});

function focusWrong(wrong) {
  const name = Object.keys(wrong).find(Boolean);
  if (name) setTimeout(() => document.getElementById(`field-${name}`)?.focus(), 50);
}

const Asking = ({ operation, onYes, onNo }) => {
  const site = connection.value?.site;
  const grave = isGrave(operation);
  const what = { sends: "It reaches people: a message goes out.", deletes: "What it removes is gone.", anything: "Only you know what it does." }[operation.effects];
  return html`<${Confirm} title=${`${operation.title}?`} yes=${grave ? operation.title : "Yes, write"} danger=${grave} onYes=${onYes} onNo=${onNo}>
    <p>This changes <strong>${site}</strong>${connection.value?.simulated ? ", a simulated site" : ", for real"}. ${what}</p>
    ${!grave && html`<p class="faint">You are asked once; later calls of this session that write are made at once.</p>`}
  <//>`;
};

const NeedsSite = () => html`<div class="card"><h2>Connect to a site</h2><p>This needs a site and its API key.</p><${Connect} /></div>`;

/** A trigger cannot be called: one waits for it. */
function Waiting({ operation }) {
  const busy = useSignal(false);
  const held = connection.value;
  const subscribe = async () => {
    busy.value = true;
    const waits = { flow: "demo", operation: operation.id, eventType: "ticket.new" };
    if (await attempt(() => local("flows/subscribe", waits), "The flow 'demo' waits.")) go("simulator");
    busy.value = false;
  };
  return html`<${Empty} title="A flow waits for this" icon="flows">
    <p>${operation.hint}</p>
    <p class="faint">Add it as the trigger of a flow.</p>
    ${held?.simulated && held.flows && html`<${Button} kind="primary" disabled=${busy.value} onClick=${subscribe}>Let the demo flow wait for new tickets<//>`}
  <//>`;
}
