/* The console: its frame, its places, its keys on the keyboard. */
import { html, render, useEffect, useErrorBoundary, useSignal } from "./preact.js";
import { Failure, connection, connectLocally, forget, touched } from "./api.js";
import { ConnectionDialog, FirstVisit } from "./connect.js";
import { Icon } from "./icons.js";
import { Button, Check, Dialog, Empty, Loaded, Loading, Problem } from "./parts.js";
import { go, letters, link, live, place, said, toast, useData } from "./state.js";

/** Each screen, what it needs, and the letter behind `g` that leads there. Its modules are read when it is first seen. */
const SCREENS = {
  overview: { title: "Overview", load: () => import("./overview.js").then((module) => module.Overview), needs: "role", letter: "o" },
  events: { title: "Events", load: () => import("./events.js").then((module) => module.Events), needs: "role", letter: "e" },
  flows: { title: "Flows", load: () => import("./flows.js").then((module) => module.Flows), needs: "role", letter: "f" },
  try: { title: "Try", load: () => import("./try.js").then((module) => module.Try), needs: "", letter: "t" },
  doctor: { title: "Doctor", load: () => import("./doctor.js").then((module) => module.Doctor), needs: "role", letter: "d" },
  simulator: { title: "Simulator", load: () => import("./simulator.js").then((module) => module.Simulator), needs: "simulated", letter: "s" },
};

const HELP = [
  ["g o · g e · g f · g t · g d · g s", "Overview, Events, Flows, Try, Doctor, Simulator"],
  ["/", "search"],
  ["j k or ↓ ↑", "next and previous row"],
  ["Enter", "open"],
  ["Esc", "back"],
  ["x", "mark a row"],
  ["r", "replay"],
  ["Space", "follow, or stop following"],
  ["c · y", "copy the id, copy as JSON"],
  ["?", "this list"],
];

const isOpen = (name) => {
  const { needs } = SCREENS[name];
  return needs !== "simulated" || Boolean(connection.value?.simulated);
};

/** Where one begins: where there is something to see. */
const first = () => (connection.value?.simulated ? "simulator" : connection.value?.role ? "overview" : "try");

function current() {
  const name = place.value.screen;
  return name in SCREENS && isOpen(name) ? name : first();
}

function Header() {
  const asking = useSignal(false), helping = useSignal(false);
  const held = connection.value;
  const at = current();
  useEffect(() => listen(helping), []);
  return html`<header class="top">
    <a class="skip" href="#main" onClick=${focusMain}>Skip to the content</a>
    <a class="brand" href=${link(first())} aria-label="DeskDirector Automation"><img src=${new URL("icon.svg", import.meta.url).href} alt="" width="28" height="28" /><span>DeskDirector Automation</span></a>
    <nav aria-label="Screens">
      ${Object.entries(SCREENS).filter(([name]) => isOpen(name)).map(([name, { title }]) =>
        html`<a key=${name} href=${link(name)} aria-current=${name === at ? "page" : undefined}><${Icon} name=${name} />${title}</a>`)}
    </nav>
    <div class="session">
      ${held?.role && html`<button type="button" class="live" aria-pressed=${String(live.value)} onClick=${() => (live.value = !live.value)}
        title="Follow by itself (Space)"><span class="dot"></span>Live</button>`}
      <button type="button" class="who" onClick=${() => (asking.value = true)}>
        <span>${held?.site || "no site"}</span><small>${held?.simulated ? "simulated" : held?.role || "operations only"}</small>
      </button>
      <${Button} icon="help" kind="quiet" label="Keys on the keyboard" onClick=${() => (helping.value = true)} />
    </div>
    ${asking.value && html`<${ConnectionDialog} onClose=${() => (asking.value = false)} />`}
    ${helping.value && html`<${Help} onClose=${() => (helping.value = false)} />`}
  </header>`;
}

function focusMain(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

const Help = ({ onClose }) => html`<${Dialog} title="Keys on the keyboard" onClose=${onClose}>
  <table class="plain"><tbody>${HELP.map(([key, does]) => html`<tr key=${key}><th scope="row"><kbd>${key}</kbd></th><td>${does}</td></tr>`)}</tbody></table>
  <${Check} of=${letters}>Single letters are commands<//>
  <p class="faint">Developers find every operation as an OpenAPI document in the <a href=${new URL("../../api/docs", import.meta.url).href}>reference</a>.</p>
<//>`;

/** Letters that lead somewhere. Rows have theirs in `rows.js`. */
function listen(helping) {
  let afterG = false;
  const press = (event) => {
    if (!letters.value || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const to = Object.entries(SCREENS).find(([name, screen]) => screen.letter === event.key && isOpen(name));
    if (afterG && to) go(to[0]);
    else if (event.key === "?") helping.value = true;
    else if (event.key === "/") focusSearch(event);
    else if (event.key === " " && event.target === document.body) {
      event.preventDefault();
      live.value = !live.value;
    }
    afterG = event.key === "g";
  };
  addEventListener("keydown", press);
  return () => removeEventListener("keydown", press);
}

const isTyping = (event) => event.target instanceof Element && Boolean(event.target.closest("input, textarea, select, dialog"));

function focusSearch(event) {
  const search = document.querySelector("input[type=search]");
  if (search instanceof HTMLElement) {
    event.preventDefault();
    search.focus();
  }
}

function Screen() {
  const name = current();
  const { needs, title } = SCREENS[name];
  useEffect(() => {
    document.title = `${title} · DeskDirector Automation`;
  }, [name]);
  return html`<main id="main" class=${`screen ${name}`} tabindex="-1" aria-label=${title}>
    ${needs === "role" && !connection.value?.role ? html`<${Empty} title="A console key opens this" icon="key">
      <p>Set <code>CONNECTOR_CONSOLE_KEY</code> in the app's settings, then connect again with that key.</p>
      <${Button} kind="primary" onClick=${forget}>Connect again<//>
    <//>` : html`<${Shown} key=${name} name=${name} />`}
  </main>`;
}

function Shown({ name }) {
  const module = useData(() => SCREENS[name].load().catch(() => {
    throw new Failure(0, null);
  }), []);
  const [broken, mend] = useErrorBoundary();
  useEffect(() => {
    if (broken) mend();
  }, [place.value]);
  if (broken) {
    const error = { message: `This screen cannot show what is at this address. Leave the filters out, or go to another screen. (${broken})` };
    return html`<${Problem} error=${error} again=${() => (go(name), mend())} />`;
  }
  return html`<${Loaded} of=${module}>${(View) => html`<${View} />`}<//>`;
}

function App() {
  const ready = useSignal(false);
  useEffect(() => {
    connectLocally().finally(() => (ready.value = true));
    addEventListener("pointerdown", touched);
    addEventListener("keydown", touched);
  }, []);
  const body = connection.value ? html`<${Header} /><${Screen} />` : ready.value ? html`<${FirstVisit} />` : html`<main class="screen"><${Loading} /></main>`;
  return html`${body}
    <div class="toast ${toast.value ? "shown" : ""}" aria-hidden="true">${toast.value}</div>
    <div class="unseen" role="status" aria-live="polite">${said.value}</div>`;
}

const root = document.getElementById("app");
if (root) render(html`<${App} />`, root);
