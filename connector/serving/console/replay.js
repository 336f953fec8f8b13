/* Replay: check first, then start, watch, stop. */
import { html, useEffect, useRef, useSignal } from "./preact.js";
import { operate } from "./api.js";
import { hoursAgo, plural } from "./format.js";
import { Button, Dialog, Labelled, Loading, Problem, State, Table, into } from "./parts.js";

const ASKED = 100;
const WHICH = { dead: "what was given up", delivered: "what was delivered, once more" };

export function Replay({ what, onClose }) {
  const state = useSignal("dead"), typed = useSignal("");
  const dry = useSignal(null), job = useSignal(null), error = useSignal(null);
  const open = useRef(true);
  const body = (more) => {
    const { hours, flow, state: filtered, ...filters } = what.filters ?? {};
    const since = hoursAgo(hours);
    const chosen = what.ids ? { ids: what.ids } : { all: true, ...filters, ...(since ? { since } : {}), ...(flow ? { subscriptionIds: [flow] } : {}) };
    return { ...chosen, state: state.value, ...more };
  };
  const call = async (work) => {
    error.value = null;
    try {
      await work();
    } catch (problem) {
      error.value = problem;
    }
  };
  const check = () => call(async () => {
    dry.value = null;
    const found = await operate("replays", { method: "POST", body: body({ dryRun: true }) });
    if (open.current) dry.value = found;
  });
  const start = () => call(async () => {
    job.value = await operate("replays", { method: "POST", body: body({ dryRun: false, confirm: dry.value.found }) });
    while (open.current && job.value.state === "running") {
      job.value = await operate(`replays/${encodeURIComponent(job.value.replayId)}/continue`, { method: "POST", body: {} });
    }
  });
  const stop = () => call(async () => {
    job.value = await operate(`replays/${encodeURIComponent(job.value.replayId)}`, { method: "DELETE" });
  });
  useEffect(() => () => {
    open.current = false;
  }, []);
  useEffect(() => {
    check();
  }, [state.value]);
  const found = dry.value?.found ?? 0;
  const many = found > ASKED;
  return html`<${Dialog} title=${what.ids ? `Replay ${plural(what.ids.length, "event")}` : "Replay all that fit"} onClose=${onClose} wide>
    <${Problem} error=${error.value} again=${job.value ? undefined : check} />
    ${job.value ? html`<${Progress} job=${job.value} />` : html`
      <fieldset class="which"><legend class="unseen">What to replay</legend>${Object.entries(WHICH).map(([value, text]) => html`<label class="check" key=${value}>
        <input type="radio" name="which" checked=${state.value === value} onChange=${() => (state.value = value)} /> ${text}</label>`)}</fieldset>
      ${!dry.value && !error.value && html`<${Loading} rows=${3} />`}
      ${dry.value && html`<p><strong>${plural(found, "delivery", "deliveries")}${dry.value.more ? " or more" : ""}</strong> would be made again.</p>
        ${dry.value.flows?.length > 0 && html`<${Table} label="Flows" heads=${["Flow", "State", ["Deliveries", "num"]]}>${dry.value.flows.map((one) => html`<tr key=${one.subscriptionId}><td>${one.name} <span class="faint">${one.host}</span></td><td data-label="State"><${State} state=${one.state} /></td><td class="num" data-label="Deliveries">${one.deliveries}</td></tr>`)}<//>`}
        <p class="faint">The ids of events stay the same, so a flow that remembers ids skips what it has. Those of ended flows go nowhere; those of paused ones wait.</p>`}
      ${many && html`<${Labelled} id="replay-confirm" label=${`Type ${found} to go on`}><input id="replay-confirm" class="short" inputmode="numeric" value=${typed.value} onInput=${into(typed)} /><//>`}`}
    <footer>
      ${job.value?.state === "running" && html`<${Button} kind="danger" onClick=${stop}>Stop<//>`}
      <${Button} onClick=${onClose}>${job.value ? "Close" : "Cancel"}<//>
      ${!job.value && html`<${Button} kind="primary" icon="replay" disabled=${!found || (many && typed.value.trim() !== String(found))} onClick=${start}>Replay ${found || ""}<//>`}
    </footer>
  <//>`;
}

const Progress = ({ job }) => html`<div class="progress" role="status">
  <p><strong>${{ running: "Replaying …", done: "Done.", aborted: "Stopped." }[job.state] ?? job.state}</strong> ${job.done} of ${job.found}${job.skipped ? `, ${job.skipped} left as they were` : ""}.</p>
  <progress max=${job.found || 1} value=${job.done} aria-label="Progress"></progress>
</div>`;
