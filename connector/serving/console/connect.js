/* The way in: which site, which keys. Nothing of it leaves the page's memory. */
import { html, useEffect, useRef, useSignal } from "./preact.js";
import { ask, connection, Failure, forget, operate, touched, use } from "./api.js";
import { Icon } from "./icons.js";
import { Button, Dialog, Facts, Labelled } from "./parts.js";

const HELP = {
  site: "The address of your DeskDirector portal, such as support.example.com.",
  apiKey: "In the DeskDirector admin portal: Settings, API keys. In whatever form the portal shows it.",
  consoleKey: "To see events and flows: the value of CONNECTOR_CONSOLE_KEY, or of CONNECTOR_CONSOLE_VIEWER_KEY to look only.",
  functionKey: "Only if the app asks for one: Azure portal, your function app, App keys.",
};


/** Try what was entered: what each key opened, and what is wrong with it. */
export async function connect(given) {
  use(given);
  const wrong = {};
  const wantsSite = Boolean(given.site || given.apiKey);
  const [site, session] = await Promise.all([
    wantsSite ? ask("connection/test").catch(asFailure) : null,
    given.consoleKey ? operate("session").catch(asFailure) : null,
  ]);
  if (site instanceof Failure) wrong[fieldOf(site)] = site.message;
  if (session instanceof Failure) wrong.consoleKey = session.message;
  if (!wantsSite && !given.consoleKey) wrong.whole = "Enter the site and its API key, or a console key, or both.";
  if (Object.keys(wrong).length) {
    forget();
    return wrong;
  }
  connection.value = {
    site: site?.site ?? "",
    role: session?.role ?? "",
    simulated: false,
    flows: false,
  };
  touched();
  return wrong;
}

const asFailure = (problem) => (problem instanceof Failure ? problem : new Failure(0, null));

/** Which entry a failure is about. */
function fieldOf(problem) {
  if (/^(Site|Host)/.test(problem.code) || /site/i.test(problem.code)) return "site";
  if (problem.status === 401 && !problem.code) return "functionKey";
  if (problem.status === 401 || /Key/.test(problem.code)) return "apiKey";
  return problem.status === 0 ? "whole" : "site";
}

function Entry({ name, label, wrong, secret = false, focus = false, placeholder = "" }) {
  const ref = useRef(null);
  useEffect(() => {
    if (focus) ref.current?.focus();
  }, []);
  const id = `connect-${name}`;
  return html`<${Labelled} id=${id} label=${label} about=${HELP[name]} wrong=${wrong}>
    <input id=${id} name=${name} ref=${ref} type=${secret ? "password" : "text"} autocomplete="off" spellcheck=${false} autocapitalize="none"
      placeholder=${placeholder} aria-invalid=${wrong ? "true" : undefined} aria-describedby=${`${id}-about`} /><//>`;
}

/** The form of the first visit, and of "Change connection". */
export function Connect({ onDone }) {
  const wrong = useSignal({});
  const busy = useSignal(false);
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    busy.value = true;
    wrong.value = await connect(given);
    busy.value = false;
    const first = Object.keys(wrong.value)[0];
    if (first) form.elements.namedItem(first)?.focus();
    else onDone?.();
  };
  const { site, apiKey, consoleKey, functionKey, whole } = wrong.value;
  return html`<form class="connect" onSubmit=${submit} autocomplete="off" novalidate>
    <fieldset>
      <legend>Your DeskDirector</legend>
      <${Entry} name="site" label="Site host" wrong=${site} placeholder="support.example.com" focus />
      <${Entry} name="apiKey" label="API key" wrong=${apiKey} secret />
    </fieldset>
    <fieldset>
      <legend>This app <span class="faint">optional</span></legend>
      <${Entry} name="consoleKey" label="Console key" wrong=${consoleKey} secret />
      <${Entry} name="functionKey" label="Function key" wrong=${functionKey} secret />
    </fieldset>
    ${whole && html`<p class="error" role="alert">${whole}</p>`}
    <p class="promise"><${Icon} name="key" />Keys stay in this page's memory: they are gone when it is reloaded, or not used for 30 minutes.</p>
    <button class="button primary wide" disabled=${busy.value}>${busy.value ? "Connecting …" : "Connect"}</button>
  </form>`;
}

/** The whole page of a first visit. */
export const FirstVisit = () => html`<main class="first" id="main">
  <div class="card">
    <h1>Connect</h1>
    <p class="lead">Try every operation, follow events, and see why a flow did not start.</p>
    <${Connect} />
  </div>
</main>`;

/** What one is connected to, and the way to something else. */
export function ConnectionDialog({ onClose }) {
  const held = connection.value;
  const lines = [
    ["Site", held?.site || "not connected: Try and Doctor need it"],
    ["Events and flows", held?.role ? `seen as ${held.role}` : "not seen: a console key opens them"],
  ];
  return html`<${Dialog} title="Connection" onClose=${onClose}>
    <${Facts} facts=${lines} />
    <footer>
      ${held?.simulated ? html`<p class="faint">A simulated site: its keys are no secret.</p>` : null}
      <${Button} icon="forget" kind="danger" onClick=${() => (onClose(), forget())}>Forget the keys<//>
    </footer>
  <//>`;
}
