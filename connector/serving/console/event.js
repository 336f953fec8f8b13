/* One event: when it came, which flows wanted it and why others did not, and how each attempt went. */
import { html, useEffect, useSignal } from "./preact.js";
import { mayWrite, operate } from "./api.js";
import { reads, valuesFrom } from "./calls.js";
import { aboutOf, expression, plural, relative, span } from "./format.js";
import { Icon } from "./icons.js";
import { Button, Copy, Dialog, Loaded, Search, State, Tabs, Time, Tree } from "./parts.js";
import { attempt, copy, download, go, link, now, place, useData } from "./state.js";


const SENT = "As DeskDirector sent it";
const KINDS = { timeout: "no answer in time", unreachable: "not reached", refused: "address refused" };

export function EventDetail({ id, onReplay }) {
  const data = useData(() => operate(`events/${encodeURIComponent(id)}`), [id], 2);
  const close = () => go("events", "", place.value.filters);
  useEffect(() => {
    const leave = (event) => event.key === "Escape" && !document.querySelector("dialog, .options:not([hidden])") && close();
    addEventListener("keydown", leave);
    return () => removeEventListener("keydown", leave);
  }, []);
  return html`<article class="event" aria-label="Event">
    <${Button} icon="back" kind="quiet small up" onClick=${close}>All events<//>
    <${Loaded} of=${data}>${(event) => html`<${Shown} event=${event} onReplay=${onReplay} onClose=${close} />`}<//>
  </article>`;
}

function Shown({ event, onReplay, onClose }) {
  const choosing = useSignal(false);
  return html`
    <header class="title">
      <div><h2>${aboutOf(event)}</h2>
        <p class="faint"><code>${event.eventType}</code> · ${event.site}${event.test ? " · a test" : ""}${event.keptUntil && html` · kept until <${Time} at=${event.keptUntil} />`}</p></div>
      <${Button} icon="close" kind="quiet small" label="Close" onClick=${onClose} />
    </header>
    <${Timeline} event=${event} />
    <div class="actions">
      ${onReplay && html`<${Button} kind="small" icon="replay" onClick=${onReplay}>Replay …<//>`}
      <${Button} kind="small" icon="try" onClick=${() => (choosing.value = true)}>Try with this<//>
      <${Copy} text=${event.eventId} said="The id was copied">Id<//>
      <${Button} kind="quiet small" icon="download" onClick=${() => download(`event-${event.eventId}.json`, event)}>JSON<//>
    </div>
    <${FlowList} event=${event} />
    <${Payload} payload=${event.payload} />
    ${choosing.value && html`<${Choose} payload=${event.payload} onClose=${() => (choosing.value = false)} />`}`;
}

const between = (from, to) => (from && to ? Math.max(0, new Date(to).getTime() - new Date(from).getTime()) : undefined);

/** The stations of an event on one line. */
function Timeline({ event }) {
  const deliveries = event.deliveries ?? [];
  const attempts = deliveries.flatMap((one) => one.log ?? []);
  const ends = deliveries.flatMap((one) => (one.state === "delivered" ? one.finishedAt ?? [] : [])).sort();
  const next = deliveries.flatMap((one) => (one.state === "pending" ? one.nextAt ?? [] : [])).sort()[0];
  const wanted = (event.verdicts ?? []).filter((one) => one.wanted !== "no").length;
  const delay = between(event.occurredAt, event.receivedAt);
  const stations = [
    ["Happened", html`<${Time} at=${event.occurredAt} />`, "good"],
    ["Received", delay === undefined ? "" : `+${span(delay)}`, "good"],
    ["Judged", event.judgedAt ? `+${span(between(event.receivedAt, event.judgedAt))}` : "waiting", event.judgedAt ? "good" : "calm"],
    ["Wanted", event.flows ? `by ${event.flows.wanted ?? wanted} of ${event.flows.waiting}` : "", event.worst === "unwanted" ? "faint" : "good"],
  ];
  if (deliveries.length) {
    const tone = { delivered: "good", dead: "bad", failing: "warn", pending: "calm" }[event.worst] ?? "faint";
    const label = { delivered: "Delivered", dead: "Given up", failing: "Failing", pending: "On its way" }[event.worst] ?? "Ended";
    const told = event.worst === "delivered" ? `+${span(between(event.judgedAt ?? event.receivedAt, ends.at(-1)))}` : next ? `next try ${relative(new Date(next), now.value)}` : plural(attempts.length, "try", "tries");
    stations.push([label, told, tone]);
  }
  return html`<ol class="timeline">${stations.map(([name, told, tone]) => html`<li key=${name} class=${tone}><strong>${name}</strong><span>${told}</span></li>`)}</ol>`;
}

function FlowList({ event }) {
  const verdicts = event.verdicts ?? [];
  const deliveries = event.deliveries ?? [];
  const judged = new Map(verdicts.map((one) => [one.subscriptionId, one]));
  const shown = [...deliveries.map((one) => ({ delivery: one, verdict: judged.get(one.subscriptionId) })),
    ...verdicts.filter((one) => !deliveries.some((each) => each.subscriptionId === one.subscriptionId)).map((verdict) => ({ verdict, delivery: undefined }))];
  return html`<section class="flowlist" aria-label="Flows">
    <h3>Flows</h3>
    ${!shown.length && html`<p class="faint">${event.judgedAt ? "No flow was waiting for this type of event." : "It has not been judged yet."}</p>`}
    <ul>${shown.map(({ delivery, verdict }) => html`<${FlowOf} key=${(delivery ?? verdict).subscriptionId} delivery=${delivery} verdict=${verdict} eventId=${event.eventId} />`)}</ul>
    ${event.verdictsLeftOut > 0 && html`<p class="about">${plural(event.verdictsLeftOut, "more flow")} did not want it.</p>`}
  </section>`;
}

function FlowOf({ delivery, verdict, eventId }) {
  const flow = delivery?.flow ?? verdict?.flow ?? {};
  const id = delivery?.subscriptionId ?? verdict?.subscriptionId;
  const log = delivery?.log ?? [];
  const longest = Math.max(...log.map((one) => one.ms), 1);
  const before = (delivery?.attempts ?? 0) - log.length;
  const again = () => attempt(() => operate(`events/${encodeURIComponent(eventId)}/replay`, { method: "POST", body: { to: id } }), "It is on its way again.");
  return html`<li class=${verdict?.wanted === "no" && !delivery ? "unwanted" : ""}>
    <div class="line"><a href=${link("flows", id)}>${flow.name ?? id}</a><span class="faint">${flow.host}</span><span class="push"></span>
      ${delivery ? html`<${State} state=${delivery.state === "pending" && log.length ? "failing" : delivery.state} />` : html`<${State} state=${verdict?.wanted === "unknown" ? "unclear" : "unwanted"} text=${verdict?.wanted === "unknown" ? "could not be judged" : "not wanted"} />`}</div>
    ${verdict?.because && html`<p class="because">${verdict.wanted === "no" ? "Not wanted: " : ""}${verdict.because}${/[.!?]$/.test(verdict.because) ? "" : "."}</p>`}
    ${log.length > 0 && html`<ol class="attempts" start=${before + 1}>${log.map((one, at) => {
      const good = one.kind === "answer" && (one.status ?? 0) < 300;
      return html`<li key=${at} class=${good ? "good" : "bad"}>
        <span class="nth">${before + at + 1}</span><${Icon} name=${good ? "ok" : "bad"} label=${good ? "taken" : "failed"} />
        <strong>${one.status ?? KINDS[one.kind] ?? one.kind}</strong><span class="faint">${span(one.ms)}</span>
        <span class="length"><span style=${{ width: `${Math.max((100 * one.ms) / longest, 2)}%` }}></span></span><span class="faint"><${Time} at=${one.at} /></span>
        ${one.excerpt && html`<q>${one.excerpt}</q>`}</li>`;
    })}</ol>`}
    ${delivery?.state === "pending" && delivery.nextAt && html`<p class="because">Attempt ${(delivery.attempts ?? 0) + 1} ${relative(new Date(delivery.nextAt), now.value)}.</p>`}
    ${delivery?.reason && !log.length && html`<p class="because">${delivery.reason}</p>`}
    ${delivery?.state === "dead" && mayWrite() && html`<${Button} kind="small" icon="replay" onClick=${again}>Deliver again to this flow<//>`}
  </li>`;
}

const FOUND = 100;

/** The leaves of a value whose name or content has the text, with their paths. */
function leavesWith(value, text) {
  const found = [];
  const look = (one, path, named) => {
    if (found.length > FOUND) return;
    if (one !== null && typeof one === "object") {
      const isList = Array.isArray(one);
      for (const [key, inner] of Object.entries(one)) look(inner, [...path, isList ? Number(key) : key], named || (!isList && key.toLowerCase().includes(text)));
    } else if (named || String(one).toLowerCase().includes(text)) found.push([path, one]);
  };
  look(value, [], false);
  return found;
}

function Payload({ payload }) {
  const view = useSignal("Payload"), sought = useSignal("");
  const sent = payload?.data, isSent = view.value === SENT, value = isSent ? sent : payload;
  const path = (at) => (isSent ? ["data", ...at] : at);
  const take = (at) => copy(expression(path(at)), `Copied: ${expression(path(at))}`);
  const text = sought.value.trim().toLowerCase();
  const found = text ? leavesWith(value, text) : [];
  return html`<section class="payload" aria-label="Payload">
    <header><${Tabs} label="Views of the payload" names=${["Payload", ...(sent && typeof sent === "object" ? [SENT] : []), "Raw"]} of=${view} />
      <span class="push"></span><${Search} label="Search in the payload" placeholder="Search in it" of=${sought} kind="small" />
      <${Copy} text=${JSON.stringify(value, null, 2)} label="Copy the payload" /></header>
    <div role="tabpanel" tabindex="0" aria-label=${view.value}>${text
      ? html`<p class="faint pad" role="status">${found.length > FOUND ? `More than ${FOUND} values fit; the first` : plural(found.length, "value fits", "values fit")}${found.length ? ":" : "."}</p>
        <div class="tree">${found.slice(0, FOUND).map(([at, one]) => html`<${Tree} key=${at.join("/")} value=${one} name=${at.join(".")} path=${at} depth=${1} onPath=${take} />`)}</div>`
      : view.value === "Raw" ? html`<pre class="code">${JSON.stringify(payload, null, 2)}</pre>` : html`<div class="tree"><${Tree} value=${value} onPath=${take} /></div>`}</div>
    <p class="faint pad">${isSent ? "The fields of this event as they came. The post itself is not kept: neither its headers nor what else was in it. " : ""}${view.value === "Raw" ? "" : "Press a name to copy it as an expression of Power Automate."}</p>
  </section>`;
}

const SUGGESTED = ["GetTicket", "AddTicketNote", "UpdateTicket", "ListTicketNotes", "CloseTicket", "GetContact", "GetFormResult"];

/** Which operation to try with an event. */
function Choose({ payload, onClose }) {
  const data = useData(() => import("./try.js").then(async (module) => ({ ...(await module.theCatalog()), tryWith: module.tryWith })), []);
  return html`<${Dialog} title="Try with this event" onClose=${onClose}>
    <p class="faint">The form opens with what the event gives.</p>
    <${Loaded} of=${data}>${({ operations, tryWith }) => html`<ul class="choose">${SUGGESTED.flatMap((id) => operations.filter((one) => one.id === id)).map((one) => html`<li key=${one.id}>
      <button type="button" class="button" onClick=${() => tryWith(one, valuesFrom(one, payload))}>${one.title}${reads(one) ? "" : html` <span class="tag warn">writes</span>`}</button></li>`)}</ul>`}<//>
  <//>`;
}
