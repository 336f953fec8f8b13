/* Events: follow, find, explain, repeat. */
import { batch, html, useEffect, useMemo, useRef, useSignal } from "./preact.js";
import { connection, local, mayWrite, operate } from "./api.js";
import { EventDetail } from "./event.js";
import { aboutOf, hoursAgo, plural, span } from "./format.js";
import { Button, Empty, Loading, Problem, Search, Select, State, Time } from "./parts.js";
import { Replay } from "./replay.js";
import { Rows } from "./rows.js";
import { copy, download, go, link, narrow, place, polling, said, useData } from "./state.js";


const PAGE = 50, OLDER = 200, FOLLOW = 2, SLOW = 15, SPOKEN = 10_000;
const STATES = { "": "any state", pending: "pending", failing: "failing", delivered: "delivered", dead: "given up", unwanted: "nobody wanted it" };
const SINCE = { "": "any time", 1: "last hour", 24: "last 24 hours", 168: "last 7 days" };

/** The rows of the present filters, newest first, which follow what arrives. */
function useRows(filters) {
  const rows = useSignal([]), held = useSignal([]);
  const state = useSignal({ loaded: false, more: "", error: null, at: new Date() });
  const atTop = useRef(true), latest = useRef(""), older = useRef(false), told = useRef({ at: 0, count: 0 });
  const query = useMemo(() => {
    const { hours, ...given } = filters;
    return { ...given, since: hoursAgo(hours) };
  }, [JSON.stringify(filters)]);

  const merge = (found) => {
    const known = new Map(found.map((row) => [row.eventId, row]));
    const replace = (list) => list.map((row) => {
      const newer = known.get(row.eventId);
      known.delete(row.eventId);
      return newer ?? row;
    });
    batch(() => {
      rows.value = replace(rows.value);
      held.value = replace(held.value);
      const added = [...known.values()].reverse();
      if (added.length && atTop.current) rows.value = [...added, ...held.value, ...rows.value];
      else if (added.length) held.value = [...added, ...held.value];
      if (atTop.current) held.value = [];
      speak(added);
    });
  };
  const speak = (added) => {
    told.current.count += added.length;
    if (!told.current.count || Date.now() - told.current.at < SPOKEN) return;
    said.value = `${plural(told.current.count, "new event")}.`;
    told.current = { at: Date.now(), count: 0 };
  };
  const show = () => batch(() => ([rows.value, held.value] = [[...held.value, ...rows.value], []]));
  const loadOlder = async () => {
    const from = state.value.more;
    if (!from || older.current) return;
    older.current = true;
    try {
      const page = await operate("events", { query: { ...query, take: OLDER, continuation: from } });
      rows.value = [...rows.value, ...page.results];
      state.value = { ...state.value, more: page.continuation };
    } catch (error) {
      state.value = { ...state.value, error };
    }
    older.current = false;
  };
  const refresh = async () => {
    const open = rows.value.filter((row) => row.worst === "pending" || row.worst === "failing").slice(0, 50).map((row) => row.eventId);
    if (open.length) merge((await operate("events", { query: { ids: open.join(",") } })).results.filter((row) => rows.value.some((one) => one.eventId === row.eventId)));
  };
  const read = async (over) => {
    const isFirst = !latest.current;
    const page = await operate("events", { query: isFirst ? { ...query, take: PAGE } : { ...query, after: latest.current } });
    if (over()) return;
    latest.current = page.latest ?? latest.current;
    if (isFirst) {
      rows.value = page.results;
      state.value = { loaded: true, more: page.continuation, error: null, at: new Date() };
      return;
    }
    merge(page.results);
    await refresh();
    if (state.value.error && !over()) state.value = { ...state.value, error: null, at: new Date() };
  };
  const poll = useRef(null);
  useEffect(() => {
    batch(() => ((rows.value = []), (held.value = []), (state.value = { loaded: false, more: "", error: null, at: new Date() })));
    latest.current = "";
    poll.current = polling((over) => read(over).catch((error) => {
      if (!over()) state.value = { ...state.value, error };
      throw error;
    }), () => (document.hidden ? SLOW : FOLLOW));
    return poll.current.end;
  }, [query]);
  return { rows, held, state, show, loadOlder, again: () => poll.current?.now(), onTop: (yes) => ((atTop.current = yes), yes && held.value.length && show()) };
}

export function Events() {
  const { id, filters } = place.value;
  const { rows, held, state, show, loadOlder, again, onTop } = useRows(filters);
  const marked = useSignal(new Set());
  const replaying = useSignal(null);
  const writes = mayWrite();
  const mark = (one) => {
    const next = new Set(marked.value);
    if (!next.delete(one)) next.add(one);
    marked.value = next;
  };
  const onKey = (key, row) => {
    if (key === "x") mark(row.eventId);
    else if (key === "r" && writes) replaying.value = { ids: [row.eventId] };
    else if (key === "c") copy(row.eventId, "The id was copied");
    else if (key === "y") copy(JSON.stringify(row, null, 2), "Copied as JSON");
    else return false;
    return true;
  };
  const narrowed = Object.values(filters).some(Boolean);
  const { loaded, error, at, more } = state.value;
  const view = (row) => html`
    <td class="pick"><input type="checkbox" aria-label=${`Mark ${aboutOf(row)}`} checked=${marked.value.has(row.eventId)} onChange=${() => mark(row.eventId)} /></td>
    <td class="when"><${Time} at=${row.receivedAt} /></td>
    <td class="type"><code>${row.eventType}</code></td>
    <td class="about"><a href=${link("events", row.eventId, filters)} title=${aboutOf(row)}>${aboutOf(row)}</a>${row.test && html` <span class="tag">test</span>`}</td>
    <td class="flows num">${row.flows ? `${row.flows.wanted} of ${row.flows.waiting}` : ""}</td>
    <td class="worst"><${State} state=${row.worst} /></td>
    <td class="tries num">${row.attempts > 1 ? `${row.attempts} tries` : row.ms !== undefined ? span(row.ms) : ""}</td>`;
  const heads = html`<th scope="col" class="pick"><span class="unseen">Mark</span></th><th scope="col" class="when">Time</th><th scope="col" class="type">Type</th>
    <th scope="col" class="about">About</th><th scope="col" class="flows num">Flows</th><th scope="col" class="worst">State</th><th scope="col" class="tries num">Took</th>`;
  return html`<div class="pair ${id ? "chosen" : ""}">
    <section class="list" aria-label="Events">
      <h1 class="unseen">Events</h1>
      <${Filters} filters=${filters} />
      <${Problem} error=${error} again=${again} at=${loaded ? at : null} />
      ${!loaded && !error && html`<${Loading} rows=${10} />`}
      ${loaded && !rows.value.length && (narrowed ? html`<${Empty} title="No event fits" icon="search"><p>Nothing is ${Object.entries(filters).filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`).join(", ")}.</p>
        <${Button} onClick=${() => narrow({})}>Clear the filters<//><//>` : html`<${NothingYet} />`)}
      ${held.value.length > 0 && html`<button type="button" class="fresh" onClick=${() => (show(), document.querySelector(".rows")?.scrollTo(0, 0))}>${plural(held.value.length, "new event")}</button>`}
      ${rows.value.length > 0 && html`<${Rows} rows=${rows.value} idOf=${(row) => row.eventId} view=${view} heads=${heads} label="Events" chosen=${id}
        open=${(row) => go("events", row.eventId, filters)} onKey=${onKey} onEnd=${loadOlder} onTop=${onTop} />`}
      ${rows.value.length > 0 && html`<footer class="below">
        <span class="faint">${plural(rows.value.length, "event")}${more ? ", older ones as you scroll" : ""}</span><span class="push"></span>
        ${marked.value.size > 0 && html`<span>${marked.value.size} marked</span>
          ${writes && html`<${Button} kind="small" icon="replay" onClick=${() => (replaying.value = { ids: [...marked.value] })}>Replay …<//>`}
          <${Button} kind="small" icon="download" onClick=${() => download("events.json", rows.value.filter((row) => marked.value.has(row.eventId)))}>Download<//>
          <${Button} kind="quiet small" onClick=${() => (marked.value = new Set())}>Unmark<//>`}
        ${!marked.value.size && writes && narrowed && html`<${Button} kind="small" icon="replay" onClick=${() => (replaying.value = { filters })}>Replay all that fit …<//>`}
      </footer>`}
    </section>
    ${id && html`<${EventDetail} key=${id} id=${id} onReplay=${writes ? () => (replaying.value = { ids: [id] }) : undefined} />`}
    ${replaying.value && html`<${Replay} what=${replaying.value} onClose=${() => (replaying.value = null)} />`}
  </div>`;
}

function Filters({ filters }) {
  const typing = useSignal(filters.text ?? filters.ticket ?? "");
  const flows = useData(() => operate("flows"), []);
  useEffect(() => {
    const text = typing.value.trim().replace(/^#(?=\d)/, "");
    const wanted = /^\d{3,}$/.test(text) ? { ticket: text, text: "" } : { text, ticket: "" };
    if ((filters.text ?? "") === wanted.text && (filters.ticket ?? "") === wanted.ticket) return;
    const timer = setTimeout(() => narrow({ ...filters, ...wanted }), 350);
    return () => clearTimeout(timer);
  }, [typing.value]);
  const types = [...new Set((flows.data.value?.results ?? []).map((one) => one.eventType))].sort();
  const select = (name, label, choices) => html`<label><span class="unseen">${label}</span>
    <${Select} choices=${choices} value=${filters[name] ?? ""} onPick=${(value) => narrow({ ...filters, [name]: value })} /></label>`;
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <${Search} label="Search by ticket number or text" placeholder="Ticket number or text" of=${typing} />
    ${select("state", "State", Object.entries(STATES))}
    ${select("type", "Type", [["", "any type"], ...types])}
    ${select("flow", "Flow", [["", "any flow"], ...(flows.data.value?.results ?? []).map((one) => [one.subscriptionId, one.name])])}
    ${select("hours", "Time", Object.entries(SINCE))}
  </form>`;
}

function NothingYet() {
  const make = () => local("sim/trigger", { what: "ticket", title: "A first ticket" }).catch(() => {});
  return html`<${Empty} title="Nothing has arrived yet"><p>A flow must wait, and something must happen in DeskDirector.</p>
    ${connection.value?.simulated && html`<${Button} kind="primary" onClick=${make}>Make a ticket<//>`}<//>`;
}
