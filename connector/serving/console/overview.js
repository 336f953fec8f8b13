/* Overview: is all well, and what is there to do? */
import { html, useSignal } from "./preact.js";
import { connection, mayWrite, operate } from "./api.js";
import { FlowTable } from "./flows.js";
import { plural, span } from "./format.js";
import { Icon } from "./icons.js";
import { Bars, Button, Empty, Loaded, Table, Tabs, Time } from "./parts.js";
import { attempt, link, useData } from "./state.js";

const SHOWN = 12, STRIP = 60;
const WINDOWS = { "1 h": "1h", "24 h": "24h" };

/** Fewer, wider bars. */
function gathered(values, join) {
  const each = Math.max(1, Math.ceil(values.length / STRIP));
  const parts = [];
  for (let at = 0; at < values.length; at += each) parts.push(join(values.slice(at, at + each).filter((one) => one !== null)));
  return parts;
}
const sum = (all) => all.reduce((total, one) => total + (one ?? 0), 0);
const most = (all) => (all.length ? Math.max(...all) : null);

export function Overview() {
  const flows = useData(() => operate("flows"), [], 5);
  return html`<div class="stack">
    <h1 class="unseen">Overview</h1>
    <${Attention} />
    <${Numbers} />
    <section><header class="row"><h2>Flows</h2><span class="push"></span><a href=${link("flows")}>All flows and registrations</a></header>
      <${Loaded} of=${flows}>${({ results }) => results.length ? html`<${FlowTable} flows=${results} most=${SHOWN} />`
        : html`<${Empty} title="No flow waits yet" icon="flows"><p>Add a DeskDirector trigger to a flow and turn it on.</p>
          ${connection.value?.simulated && html`<a class="button primary" href=${link("simulator")}>See one here: the simulator<//>`}<//>`}<//></section>
    <${Audit} />
  </div>`;
}

const PLACES = { flow: "flows", registration: "flows", site: "events", app: "doctor" };

function Attention() {
  const data = useData(() => operate("alerts"), [], 10);
  const acknowledge = async (id) => (await attempt(() => operate(`alerts/${encodeURIComponent(id)}/acknowledge`, { method: "POST", body: {} }))) && data.again();
  return html`<${Loaded} of=${data} rows=${2}>${({ results }) => (results.length ? html`<${Alerts} all=${results} acknowledge=${acknowledge} />` : html`<p class="well"><${Icon} name="ok" />Nothing needs attention.</p>`)}<//>`;
}

function Alerts({ all, acknowledge }) {
  return html`<section aria-label="Attention"><h2>Attention</h2><ul class="alerts">${all.map((one) => html`<li key=${one.alertId} class=${one.acknowledgedAt ? "seen" : ""}>
    <${Icon} name="warn" /><p>${one.text}<small class="faint"> ${one.site}${one.acknowledgedAt ? html` · seen by ${one.acknowledgedBy} <${Time} at=${one.acknowledgedAt} ago />` : null}</small></p>
    <a class="button small" href=${one.code === "DeadLetters" ? link("events", "", { state: "dead" }) : link(PLACES[one.subjectKind] ?? "flows", one.subjectKind === "flow" ? one.subject : "")}>Look</a>
    ${!one.acknowledgedAt && mayWrite() && html`<${Button} kind="small quiet" onClick=${() => acknowledge(one.alertId)}>Acknowledge<//>`}</li>`)}</ul></section>`;
}

function Numbers() {
  const chosen = useSignal("1 h");
  const window = WINDOWS[chosen.value];
  const series = useData(() => operate("metrics/series", { query: { window } }), [window], 10);
  const totals = useData(() => operate("metrics"), [], 10);
  return html`<section aria-label="Numbers"><header class="row"><h2>Deliveries</h2><span class="push"></span>
      <${Tabs} label="Time shown" names=${Object.keys(WINDOWS)} of=${chosen} /></header>
    <${Loaded} of=${series} rows=${3}>${(one) => {
      const lag = one.lagP95Ms.filter((ms) => ms !== null);
      const sites = totals.data.value?.results ?? [];
      const pending = sum(sites.map((site) => site.pending));
      const oldest = Math.max(0, ...sites.map((site) => site.oldestWaitingSeconds));
      return html`<div class="numbers">
        <${Tile} name="Events received" value=${sum(one.accepted)} values=${gathered(one.accepted, sum)} />
        <${Tile} name="Delivered" value=${sum(one.delivered)} values=${gathered(one.delivered, sum)} />
        <${Tile} name="Failed attempts" value=${sum(one.failed)} values=${gathered(one.failed, sum)} tone="bad" />
        <${Tile} name="Given up" value=${sum(one.dead)} values=${gathered(one.dead, sum)} tone="bad" />
        <${Tile} name="Delay, p95" value=${span(lag.at(-1)) || "–"} values=${gathered(one.lagP95Ms, most)} />
        <div class="figure"><span>Waiting now</span><strong>${pending.toLocaleString("en")}</strong><small class="faint">${pending ? `the oldest for ${span(oldest * 1000)}` : "nothing waits"}</small></div>
      </div>`;
    }}<//></section>`;
}

const Tile = ({ name, value, values, tone = "" }) => html`<div class="figure"><span>${name}</span><strong>${value.toLocaleString("en")}</strong><${Bars} values=${values} label=${`${name} over time`} tone=${tone} /></div>`;

function Audit() {
  const open = useSignal(false);
  return html`<details class="audit" onToggle=${(event) => (open.value = event.target.open)}><summary>What operators did</summary>${open.value && html`<${AuditList} />`}</details>`;
}

function AuditList() {
  const data = useData(() => operate("audit", { query: { take: 100 } }), []);
  return html`<${Loaded} of=${data}>${({ results }) => results.length ? html`<${Table} label="What operators did" heads=${["When", "Who", "What", "Which"]}>
    ${results.map((one, at) => html`<tr key=${at}><td><${Time} at=${one.at} /></td><td>${one.role}</td><td><code>${one.what}</code>${one.count > 1 ? `, ${plural(one.count, "record")}` : ""} ${one.note ?? ""}</td><td><code>${one.subject}</code></td></tr>`)}<//>`
    : html`<p class="faint pad">Nothing was changed in the last 90 days.</p>`}<//>`;
}
