/* Flows: who waits for what, how each fares, and what an operator may do about it. */
import { html, useSignal } from "./preact.js";
import { mayWrite, operate } from "./api.js";
import { plural, span } from "./format.js";
import { Button, Confirm, Dialog, Empty, Facts, Labelled, Loaded, State, Table, Time, into } from "./parts.js";
import { attempt, go, link, place, useData } from "./state.js";


/** Share of deliveries of the last hour that arrived. */
export const share = ({ hour }) => {
  const all = (hour?.delivered ?? 0) + (hour?.failed ?? 0);
  return all ? `${Math.floor((100 * hour.delivered) / all)} %` : "";
};

const waitsFor = (flow) => html`<code>${flow.eventType}</code>${flow.conditionsText?.length ? html`<small class="faint"> ${flow.conditionsText.join(" · ")}</small>` : null}`;

export function FlowTable({ flows, most = 1000 }) {
  return html`<${Table} label="Flows" kind="tall" heads=${["Flow", "Waits for", "State", ["Last hour", "num"], ["Arrived", "num"], ["p95", "num"], ["Waiting", "num"]]}>
    ${flows.slice(0, most).map((flow) => html`<tr key=${flow.subscriptionId} class=${flow.subscriptionId === place.value.id ? "chosen" : ""}>
      <th scope="row"><a href=${link("flows", flow.subscriptionId)}>${flow.name}</a><small class="faint">${flow.host}</small></th>
      <td data-label="Waits for">${waitsFor(flow)}</td>
      <td data-label="State"><${State} state=${flow.state} />${flow.failingSince && html`<small class="faint">since <${Time} at=${flow.failingSince} /></small>`}</td>
      <td class="num" data-label="Last hour">${flow.hour?.delivered ?? 0}</td><td class="num extra" data-label="Arrived">${share(flow)}</td>
      <td class="num extra" data-label="p95">${span(flow.hour?.p95Ms)}</td><td class="num" data-label="Waiting">${flow.waiting || ""}</td></tr>`)}<//>`;
}

export function Flows() {
  const data = useData(() => operate("flows"), [], 5);
  const registrations = useData(() => operate("registrations"), [], 15);
  const { id } = place.value;
  return html`<div class="pair ${id ? "chosen" : ""}">
    <div class="list">
      <h1>Flows</h1>
      <${Loaded} of=${data}>${({ results, total }) => results.length ? html`<${FlowTable} flows=${results} />${total > results.length && html`<p class="faint">${total - results.length} more are not shown.</p>`}`
        : html`<${Empty} title="No flow waits" icon="flows"><p>Add a DeskDirector trigger to a flow in Power Automate and turn the flow on: it stands here at once.</p><//>`}<//>
      <h2>Registrations in DeskDirector</h2>
      <${Loaded} of=${registrations} rows=${2}>${({ results }) => html`<${Registrations} results=${results} again=${registrations.again} />`}<//>
    </div>
    ${id && html`<${FlowDetail} key=${id} id=${id} onChanged=${data.again} />`}
  </div>`;
}

function Registrations({ results, again }) {
  const busy = useSignal("");
  if (!results.length) return html`<p class="faint">There is none: one is made with the first flow.</p>`;
  const renew = async (id) => {
    busy.value = id;
    await act(`registrations/${encodeURIComponent(id)}/renew`, "POST", {}, "DeskDirector was asked again.");
    busy.value = "";
    again();
  };
  const actions = html`<span class="unseen">Actions</span>`;
  return html`<${Table} label="Registrations" heads=${["Event", "State", ["Flows", "num"], "Newest event", ["Checked", "extra"], actions]}>
    ${results.map((one) => html`<tr key=${one.registrationId}><th scope="row"><code>${one.eventType || one.family}</code><small class="faint">${one.site}</small></th>
      <td data-label="State"><${State} state=${one.trouble ? "failing" : one.state} text=${one.state} />${one.trouble && html`<p class="error">${one.trouble}</p>`}</td>
      <td class="num" data-label="Flows">${one.subscriptions}</td><td data-label="Newest event">${one.lastEventAt ? html`<${Time} at=${one.lastEventAt} ago />` : html`<span class="faint">none yet</span>`}</td><td class="extra" data-label="Checked"><${Time} at=${one.checkedAt} ago /></td>
      <td class="num">${mayWrite() && html`<${Button} kind="small" disabled=${busy.value === one.registrationId} onClick=${() => renew(one.registrationId)}>Renew<//>`}</td></tr>`)}<//>`;
}

const act = (path, method, body, done) => attempt(() => operate(path, { method, body }), done);

function FlowDetail({ id, onChanged }) {
  const data = useData(() => operate(`flows/${encodeURIComponent(id)}`), [id], 3);
  return html`<article class="event" aria-label="Flow">
    <${Button} icon="back" kind="quiet small up" onClick=${() => go("flows")}>All flows<//>
    <${Loaded} of=${data}>${(flow) => html`<${Shown} flow=${flow} changed=${() => (data.again(), onChanged())} />`}<//>
  </article>`;
}

function Shown({ flow, changed }) {
  const asking = useSignal("");
  const facts = [
    ["Waits for", waitsFor(flow)],
    ["Site", flow.site],
    ["Answers at", flow.host],
    ["Last success", flow.lastSuccessAt && html`<${Time} at=${flow.lastSuccessAt} ago />`],
    ["Last failure", flow.lastFailureAt && html`<${Time} at=${flow.lastFailureAt} ago /> ${flow.reason ?? ""}`],
    ["Last hour", `${flow.hour?.delivered ?? 0} delivered, ${flow.hour?.failed ?? 0} failed${flow.hour?.p95Ms ? `, p95 ${span(flow.hour.p95Ms)}` : ""}`],
    ["Waiting", `${plural(flow.waiting ?? 0, "delivery", "deliveries")}${flow.oldestWaitingSeconds ? `, the oldest for ${span(flow.oldestWaitingSeconds * 1000)}` : ""}`],
    ["Rate", [flow.operatorPerMinute ? `at most ${flow.operatorPerMinute} a minute (operator)` : "", flow.perMinute ? `at most ${flow.perMinute} a minute (maker)` : "", flow.inOrder ? "one after the other" : ""].filter(Boolean).join(", ") || "no limit"],
    ["Registration", `${flow.registration ?? ""}${flow.trouble ? `: ${flow.trouble}` : ""}`],
    ["Since", html`<${Time} at=${flow.createdAt} />`],
    ["Ended", flow.endedAt && html`<${Time} at=${flow.endedAt} /> ${flow.endedBecause}`],
  ];
  const paused = flow.state === "paused";
  const open = !flow.endedAt && mayWrite();
  const path = `flows/${encodeURIComponent(flow.subscriptionId)}`;
  const test = async () => {
    const made = await act(`${path}/test`, "POST", {}, "A test event is on its way.");
    if (made) go("events", made.eventId);
  };
  return html`<header class="title"><div><h2>${flow.name}</h2><p><${State} state=${flow.state} /></p></div>
      <${Button} icon="close" kind="quiet small" label="Close" onClick=${() => go("flows")} /></header>
    ${open && html`<div class="actions">
      <${Button} kind="small" icon="play" onClick=${test}>Send a test event<//>
      <${Button} kind="small" icon=${paused ? "play" : "pause"} onClick=${() => (asking.value = paused ? "resume" : "pause")}>${paused ? "Resume …" : "Pause …"}<//>
      <${Button} kind="small" icon="edit" onClick=${() => (asking.value = "edit")}>Name and rate …<//>
      <${Button} kind="small danger" icon="bin" onClick=${() => (asking.value = "end")}>End …<//></div>`}
    <${Facts} facts=${facts} />
    <h3>Latest deliveries</h3>
    ${flow.latest?.length ? html`<ul class="latest">${flow.latest.map((one) => html`<li key=${one.deliveryId}><a href=${link("events", one.eventId)}><${Time} at=${one.createdAt} /></a>
      <${State} state=${one.state} /><span class="faint">${one.attempts > 1 ? `${one.attempts} tries` : ""} ${one.reason ?? ""}</span></li>`)}</ul>` : html`<p class="faint">There is none yet.</p>`}
    <p><a href=${link("events", "", { flow: flow.subscriptionId })}>All its events</a></p>
    ${asking.value && html`<${Asking} what=${asking.value} flow=${flow} path=${path} onClose=${(done) => ((asking.value = ""), done && changed())} />`}`;
}

function Asking({ what, flow, path, onClose }) {
  const label = useSignal(flow.label ?? ""), rate = useSignal(String(flow.operatorPerMinute ?? ""));
  const no = () => onClose(false);
  const yes = async (method, body, done) => onClose((await act(path, method, body, done)) !== null);
  if (what === "pause") {
    return html`<${Confirm} title="Pause this flow?" yes="Pause" onNo=${no} onYes=${() => yes("PATCH", { paused: true }, "Paused.")}>
      <p>Its events wait, for as long as it is paused. Nothing is lost.</p><//>`;
  }
  if (what === "end") {
    return html`<${Confirm} title="End this flow's subscription?" yes="End it" danger onNo=${no} onYes=${() => yes("DELETE", undefined, "Ended.")}>
      <p>It hears of nothing any more, though it still seems to wait in Power Automate: there it has to be turned off and on to subscribe again.</p>
      ${flow.waiting > 0 && html`<p>${plural(flow.waiting, "delivery", "deliveries")} that wait become dead letters.</p>`}<//>`;
  }
  if (what === "resume") {
    return html`<${Dialog} title="Resume this flow" onClose=${no}>
      <p>${plural(flow.waiting ?? 0, "delivery", "deliveries")} waited meanwhile.</p>
      <footer><${Button} onClick=${() => yes("PATCH", { paused: false, resume: "new" }, "Resumed; what waited became dead letters.")}>Only new events<//>
        <${Button} kind="primary" onClick=${() => yes("PATCH", { paused: false, resume: "all" }, "Resumed.")}>Send what waited, too<//></footer><//>`;
  }
  const perMinute = Number(rate.value || 0);
  const valid = Number.isInteger(perMinute) && perMinute >= 0 && perMinute <= 6000;
  return html`<${Dialog} title="Name and rate" onClose=${no}>
    <${Labelled} id="flow-label" label="Name here" about="For operators: whom to ask, what it is for. Makers do not see it.">
      <input id="flow-label" maxlength="100" value=${label.value} onInput=${into(label)} /><//>
    <${Labelled} id="flow-rate" label="At most so many a minute" about="0 or empty: no limit of yours." wrong=${valid ? "" : "A whole number from 0 to 6000."}>
      <input id="flow-rate" class="short" inputmode="numeric" value=${rate.value} onInput=${into(rate)} /><//>
    <footer><${Button} onClick=${no}>Cancel<//><${Button} kind="primary" disabled=${!valid} onClick=${() => yes("PATCH", { label: label.value.trim(), perMinute }, "Saved.")}>Save<//></footer><//>`;
}

