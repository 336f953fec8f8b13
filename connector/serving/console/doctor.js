/* Doctor: what does this site offer, and how sure are we? */
import { html, signal, useSignal } from "./preact.js";
import { connection, examine } from "./api.js";
import { cell, words } from "./format.js";
import { Button, Check, Copy, Empty, Facts, Problem, State, Table } from "./parts.js";
import { download } from "./state.js";

/** What was found, by part; it stays while one looks elsewhere. */
const found = signal({});
const progress = signal({ running: false, part: "", done: 0, of: 0 });
const error = signal(null);
let wanted = 0;

const PARTS = { connection: "Connection", people: "People", routes: "Routes", bodies: "What is sent", answers: "What is answered" };

async function start() {
  const number = ++wanted;
  found.value = {};
  error.value = null;
  progress.value = { running: true, part: "connection", done: 0, of: 0 };
  try {
    for (let part = "connection", after = ""; part; ) {
      const answer = await examine({ part, after });
      if (number !== wanted) return;
      found.value = { ...found.value, [answer.part ?? part]: [...(found.value[answer.part ?? part] ?? []), ...answer.rows] };
      [part, after] = [answer.next ?? "", answer.after ?? ""];
      progress.value = { running: Boolean(part), part, done: answer.done ?? 0, of: answer.of ?? 0 };
    }
  } catch (problem) {
    if (number === wanted) error.value = problem;
  }
  if (number === wanted) progress.value = { ...progress.value, running: false };
}

const stop = () => ((wanted += 1), (progress.value = { ...progress.value, running: false }));

export function Doctor() {
  const parts = Object.entries(PARTS).filter(([name]) => found.value[name]);
  const { running, part, done, of } = progress.value;
  if (!connection.value?.site) return html`<${Empty} title="A site is needed" icon="doctor"><p>Connect with a site and its API key as well; the examination asks that site.</p><//>`;
  return html`<div class="stack">
    <header class="row"><div><h1>Doctor</h1><p class="lead">What ${connection.value.site} offers, and how sure that is. It only reads: a call for each route and each schema.</p></div><span class="push"></span>
      ${parts.length > 0 && !running && html`<${Button} icon="download" onClick=${() => download("doctor.json", found.value)}>Download<//>`}
      ${running ? html`<${Button} kind="danger" onClick=${stop}>Stop<//>` : html`<${Button} kind="primary" icon="doctor" onClick=${start}>${parts.length ? "Examine again" : "Examine"}<//>`}</header>
    ${running && html`<div class="progress" role="status"><p>Looking at ${(PARTS[part] ?? part).toLowerCase()}${of ? `: ${done} of ${of}` : " …"}</p><progress max=${of || undefined} value=${of ? done : undefined} aria-label="Progress"></progress></div>`}
    <${Problem} error=${error.value} again=${start} />
    ${!parts.length && !running && !error.value && html`<${Empty} title="Not examined yet" icon="doctor"><p>It takes about a minute. Nothing is changed.</p><//>`}
    ${parts.map(([name, title]) => html`<section key=${name}><h2>${title}</h2>${name === "routes" ? html`<${Routes} rows=${found.value.routes} />` : html`<${Plain} rows=${found.value[name]} title=${title} />`}</section>`)}
  </div>`;
}

function Routes({ rows }) {
  const verdict = useSignal(""), mine = useSignal(false);
  const count = (name) => rows.filter((one) => !name || one.verdict === name).length;
  const shown = rows.filter((one) => (!verdict.value || one.verdict === verdict.value) && (!mine.value || one.used));
  return html`<div class="filters"><div class="chips" role="group" aria-label="Only">
      ${["", ...new Set(rows.map((one) => one.verdict))].map((name) => html`<${Button} key=${name} kind=${`small ${verdict.value === name ? "on" : ""}`}
        aria-pressed=${String(verdict.value === name)} onClick=${() => (verdict.value = name)}>${name || "All"} ${count(name)}<//>`)}</div>
      <${Check} of=${mine} title="Operations that were called since the app started, and what flows wait for">Only what I use (${rows.filter((one) => one.used).length})<//></div>
    <${Table} label="Routes" kind="tall" heads=${["Route", "Here", "Evidence", "Used by", "What to do"]}>
      ${shown.map((one) => html`<tr key=${one.endpoint}><th scope="row"><code>${one.method} ${one.path}</code></th><td data-label="Here"><${State} state=${one.verdict} /></td><td data-label="Evidence"><${State} state=${one.evidence} /></td>
      <td data-label="Used by">${(one.operations ?? []).join(", ")}</td><td data-label="What to do">${one.note}${one.verdict !== "answers" && one.setting ? html` <${Copy} text=${one.setting} said="The setting's name was copied"><code>${one.setting}</code><//>` : null}</td></tr>`)}<//>
    ${!shown.length && html`<p class="faint">No route is like that.${mine.value ? " What you use is known by the calls since the app started, and by the flows that wait." : ""}</p>`}`;
}

function Plain({ rows, title }) {
  const names = [...new Set(rows.flatMap((one) => Object.keys(one)))];
  if (!rows.length) return html`<p class="faint">Nothing to report.</p>`;
  if (rows.length === 1) return html`<${Facts} kind="card" facts=${names.map((name) => [words(name), cell(rows[0][name])])} />`;
  return html`<${Table} label=${title} heads=${names.map(words)}>
    ${rows.map((one, at) => html`<tr key=${at}>${names.map((name) => html`<td key=${name} data-label=${words(name)}>${name === "verdict" ? html`<${State} state=${one[name]} />` : cell(one[name])}</td>`)}</tr>`)}<//>`;
}
