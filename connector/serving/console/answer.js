/* The answer to a call: as a table, as a tree, as it came. */
import { html, useSignal } from "./preact.js";
import { isBlank } from "./calls.js";
import { cell, plural, shortened, span, words } from "./format.js";
import { Button, Copy, Facts, Table, Tabs, Tree } from "./parts.js";
import { download } from "./state.js";


const FIRST = ["id", "title", "name", "status", "board", "company", "contact", "email", "priority", "createdAt"];
const COLUMNS = 6, SHOWN = 200;

export function Answer({ done, operation, onNext }) {
  const view = useSignal("Table");
  const { status, ok, answer, ms, headers, text } = done;
  const results = Array.isArray(answer?.results) ? answer.results : null;
  const next = answer?.hasMore && answer.continuation;
  return html`<section class="answer" aria-label="Answer">
    <header>
      <h2>Answer</h2>
      <span class="state ${ok ? "good" : "bad"}">${status || "none"}</span>
      <span class="faint">${span(ms)}${results ? ` · ${plural(results.length, "result")}${answer.total > results.length ? ` of ${answer.total}` : ""}` : ""}</span>
      <span class="push"></span>
      <${Copy} text=${JSON.stringify(answer, null, 2)} label="Copy as JSON" />
      <${Button} icon="download" kind="quiet small" label="Download as JSON" onClick=${() => download(`${operation.id}.json`, answer)} />
    </header>
    <${Tabs} label="Views of the answer" names=${["Table", "JSON", "Raw"]} of=${view} />
    <div role="tabpanel" tabindex="0" aria-label=${view.value}>
    ${view.value === "Raw" ? html`<pre class="code">${[...headers].map(([name, value]) => `${name}: ${value}\n`).join("")}${"\n"}${text}</pre>`
      : view.value === "JSON" ? html`<div class="tree"><${Tree} value=${answer} /></div>`
      : results ? html`<${Results} results=${results} />`
      : html`<${Single} answer=${answer} />`}
    </div>
    ${next && onNext && html`<footer><${Button} onClick=${() => onNext(next)}>Next page<//></footer>`}
  </section>`;
}

function Results({ results }) {
  if (!results.length) return html`<p class="faint pad">Nothing was found.</p>`;
  const names = [...new Set(results.slice(0, 50).flatMap((one) => (one && typeof one === "object" ? Object.keys(one) : [])))];
  if (!names.length) return html`<div class="tree"><${Tree} value=${results} /></div>`;
  const usual = [...FIRST.filter((name) => names.includes(name)), ...names.filter((name) => !FIRST.includes(name) && !name.endsWith("Id"))].slice(0, COLUMNS);
  return html`<${Table} label="Results" heads=${usual.map(words)}>${results.slice(0, SHOWN).map((one, at) =>
    html`<tr key=${at}>${usual.map((name) => html`<td key=${name} title=${cell(one?.[name])}>${shortened(cell(one?.[name]), 80)}</td>`)}</tr>`)}<//>`;
}

function Single({ answer }) {
  if (answer === null || answer === "") return html`<p class="faint pad">Done; there is nothing to show.</p>`;
  if (typeof answer !== "object") return html`<pre class="code">${String(answer)}</pre>`;
  const shown = (value) => (value !== null && typeof value === "object" && !(Array.isArray(value) && value.every((one) => typeof one !== "object")) ? html`<${Tree} value=${value} />` : cell(value));
  return html`<${Facts} facts=${Object.entries(answer).filter(([, value]) => !isBlank(value)).map(([name, value]) => [words(name), shown(value)])} />`;
}
