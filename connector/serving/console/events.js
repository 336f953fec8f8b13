/* Events: follow, find, explain, repeat. */
import { batch, html, useEffect, useMemo, useRef, useSignal } from "./preact.js";
import { connection, local, operate } from "./api.js";
import { EventDetail } from "./event.js";
import { aboutOf, hoursAgo, plural, span } from "./format.js";
import { Icon } from "./icons.js";
import { Button, Empty, Loading, Problem, State, Time, into } from "./parts.js";
import { Replay } from "./replay.js";
import { Rows } from "./rows.js";
import { copy, download, go, link, live, narrow, place, said, useData } from "./state.js";

/** @typedef {{eventId: string, site: string, eventType: string, receivedAt: string, about?: {kind: string, id: string, title: string}, subject?: string,
 *   deliveries: Record<string, number>, flows?: {waiting: number, wanted: number}, worst: string, attempts: number, ms?: number, test?: boolean}} Row */

const PAGE = 50, OLDER = 200, FOLLOW = 2, SLOW = 15, SPOKEN = 10_000;
const STATES = { "": "any state", pending: "pending", failing: "failing", delivered: "delivered", dead: "given up", unwanted: "nobody wanted it" };
const SINCE = { "": "any time", 1: "last hour", 24: "last 24 hours", 168: "last 7 days" };

/** The rows of the present filters, newest first, which follow what arrives. @param {Record<string, string>} filters */
function useRows(filters) {
  const rows = useSignal(/** @type {Row[]} */ ([])), held = useSignal(/** @type {Row[]} */ ([]));
  const state = useSignal({ loaded: false, more: "", error: /** @type {any} */ (null), at: new Date() });
  const atTop = useRef(true), latest = useRef(""), older = useRef(false), told = useRef({ at: 0, count: 0 });
  const query = useMemo(() => {
    const { hours, ...given } = filters;
    return { ...given, since: hoursAgo(hours) };
  }, [JSON.stringify(filters)]);

  const merge = (/** @type {Row[]} */ found) => {
    const known = new Map(found.map((row) => [row.eventId, row]));
    const replace = (/** @type {Row[]} */ list) => list.map((row) => {
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
  const speak = (/** @type {Row[]} */ added) => {
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
  const again = useMemo(() => ({ now: () => {} }), []);
  useEffect(() => {
    let gone = false, timer = 0, failures = 0;
    const step = async () => {
      clearTimeout(timer);
      try {
        if (!state.value.loaded) {
          const page = await operate("events", { query: { ...query, take: PAGE } });
          if (gone) return;
          latest.current = page.latest ?? "";
          rows.value = page.results;
          state.value = { loaded: true, more: page.continuation, error: null, at: new Date() };
        } else if (latest.current) {
          const page = await operate("events", { query: { ...query, after: latest.current } });
          if (gone) return;
          latest.current = page.latest ?? latest.current;
          merge(page.results);
          await refresh();
          if (state.value.error) state.value = { ...state.value, error: null, at: new Date() };
        } else state.value = { ...state.value, loaded: false };
        failures = 0;
      } catch (error) {
        if (gone) return;
        failures += 1;
        state.value = { ...state.value, error };
      }
      if (!gone) timer = setTimeout(next, 1000 * Math.min((live.value ? FOLLOW : SLOW) * (1 + failures), 30));
    };
    const refresh = async () => {
      const open = rows.value.filter((row) => row.worst === "pending" || row.worst === "failing").slice(0, 50).map((row) => row.eventId);
      if (open.length) merge((await operate("events", { query: { ids: open.join(",") } })).results.filter((/** @type {Row} */ row) => rows.value.some((one) => one.eventId === row.eventId)));
    };
    const next = () => (document.hidden || !live.value ? (timer = setTimeout(next, 1000)) : step());
    batch(() => ((rows.value = []), (held.value = []), (state.value = { loaded: false, more: "", error: null, at: new Date() })));
    again.now = step;
    step();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [query]);
  return { rows, held, state, show, loadOlder, again: () => again.now(), onTop: (/** @type {boolean} */ yes) => ((atTop.current = yes), yes && held.value.length && show()) };
}

export function Events() {
  const { id, filters } = place.value;
  const { rows, held, state, show, loadOlder, again, onTop } = useRows(filters);
  const marked = useSignal(/** @type {Set<string>} */ (new Set()));
  const replaying = useSignal(/** @type {any} */ (null));
  const writes = connection.value?.role === "operator";
  const mark = (/** @type {string} */ one) => {
    const next = new Set(marked.value);
    if (!next.delete(one)) next.add(one);
    marked.value = next;
  };
  const onKey = (/** @type {string} */ key, /** @type {Row} */ row) => {
    if (key === "x") mark(row.eventId);
    else if (key === "r" && writes) replaying.value = { ids: [row.eventId] };
    else if (key === "c") copy(row.eventId, "The id was copied");
    else if (key === "y") copy(JSON.stringify(row, null, 2), "Copied as JSON");
    else return false;
    return true;
  };
  const narrowed = Object.values(filters).some(Boolean);
  const { loaded, error, at, more } = state.value;
  const view = (/** @type {Row} */ row) => html`
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
      ${rows.value.length > 0 && html`<${Rows} rows=${rows.value} idOf=${(/** @type {Row} */ row) => row.eventId} view=${view} heads=${heads} label="Events" chosen=${id}
        open=${(/** @type {Row} */ row) => go("events", row.eventId, filters)} onKey=${onKey} onEnd=${loadOlder} onTop=${onTop} />`}
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

/** @param {{filters: Record<string, string>}} props */
function Filters({ filters }) {
  const typing = useSignal(filters.text ?? filters.ticket ?? "");
  const flows = useData(() => operate("flows"), []);
  const set = (/** @type {string} */ name) => (/** @type {any} */ event) => narrow({ ...filters, [name]: event.target.value });
  useEffect(() => {
    const text = typing.value.trim().replace(/^#(?=\d)/, "");
    const wanted = /^\d{3,}$/.test(text) ? { ticket: text, text: "" } : { text, ticket: "" };
    if ((filters.text ?? "") === wanted.text && (filters.ticket ?? "") === wanted.ticket) return;
    const timer = setTimeout(() => narrow({ ...filters, ...wanted }), 350);
    return () => clearTimeout(timer);
  }, [typing.value]);
  const types = [...new Set((flows.data.value?.results ?? []).map((/** @type {any} */ one) => one.eventType))].sort();
  const select = (/** @type {string} */ name, /** @type {string} */ label, /** @type {[string, string][]} */ options) => html`<label><span class="unseen">${label}</span>
    <select value=${filters[name] ?? ""} onChange=${set(name)}>${options.map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}</select></label>`;
  return html`<form class="filters" role="search" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <label class="search"><${Icon} name="search" /><span class="unseen">Search by ticket number or text</span>
      <input type="search" placeholder="Ticket number or text" value=${typing.value} onInput=${into(typing)} /></label>
    ${select("state", "State", Object.entries(STATES))}
    ${select("type", "Type", [["", "any type"], .../** @type {string[]} */ (types).map((one) => /** @type {[string, string]} */ ([one, one]))])}
    ${select("flow", "Flow", [["", "any flow"], ...(flows.data.value?.results ?? []).map((/** @type {any} */ one) => [one.subscriptionId, one.name])])}
    ${select("hours", "Time", Object.entries(SINCE))}
  </form>`;
}

function NothingYet() {
  const make = () => local("sim/trigger", { what: "ticket", title: "A first ticket" }).catch(() => {});
  return html`<${Empty} title="Nothing has arrived yet"><p>A flow must wait, and something must happen in DeskDirector.</p>
    ${connection.value?.simulated && html`<${Button} kind="primary" onClick=${make}>Make a ticket<//>`}<//>`;
}
