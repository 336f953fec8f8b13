/* The parts that screens are made of. Text only ever becomes text nodes. */
import { html, useEffect, useRef, useSignal } from "./preact.js";
import { Icon } from "./icons.js";
import { clock, plural, relative } from "./format.js";
import { copy, now } from "./state.js";


const STATES = {
  delivered: ["good", "ok", "delivered"],
  pending: ["calm", "wait", "pending"],
  failing: ["warn", "warn", "failing"],
  dead: ["bad", "bad", "given up"],
  cancelled: ["faint", "none", "cancelled"],
  unwanted: ["faint", "none", "nobody wanted it"],
  unreadable: ["warn", "unknown", "unreadable"],
  healthy: ["good", "ok", "healthy"],
  active: ["good", "ok", "active"],
  new: ["calm", "wait", "new"],
  throttled: ["warn", "wait", "throttled"],
  paused: ["faint", "pause", "paused"],
  ended: ["faint", "none", "ended"],
  proven: ["good", "ok", "proven"],
  found: ["calm", "ok", "found"],
  assumed: ["faint", "unknown", "assumed"],
  refused: ["warn", "warn", "refused"],
  missing: ["bad", "bad", "missing"],
  unclear: ["faint", "unknown", "unclear"],
  answers: ["good", "ok", "answers"],
};

/** A state as word, icon and colour. */
export function State({ state, text }) {
  const [tone, icon, word] = STATES[state] ?? ["faint", "unknown", state];
  return html`<span class="state ${tone}"><${Icon} name=${icon} />${text ?? word}</span>`;
}

/** A moment: the clock here, relative or absolute, with UTC on hover. */
export function Time({ at, ago = false }) {
  if (!at) return null;
  const then = new Date(at);
  return html`<time datetime=${at} title=${at}>${ago ? relative(then, now.value) : clock(then, now.value)}</time>`;
}

export function Button({ icon, kind = "", children, label, ...rest }) {
  const named = label ? { "aria-label": label, title: label } : {};
  return html`<button type="button" class="button ${kind}" ...${named} ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children}</button>`;
}

export const Copy = ({ text, label = "Copy", said, children }) =>
  html`<${Button} icon="copy" kind="quiet small" label=${children ? undefined : label} onClick=${() => copy(text, said)}>${children}<//>`;

/** What stands where there is nothing: what will be here, and the one thing that brings it. */
export const Empty = ({ title, children, icon = "events" }) =>
  html`<div class="empty"><${Icon} name=${icon} /><strong>${title}</strong><div>${children}</div></div>`;

/** A failure in the app's own sentence. */
export function Problem({ error, again, at }) {
  if (!error) return null;
  return html`<div class="problem" role="alert">
    <${Icon} name="warn" />
    <div>
      <p>${error.message}</p>
      ${at && html`<p class="faint">What is shown is as of ${clock(at, now.value)}; it is tried again by itself.</p>`}
      ${error.requestId && html`<p class="faint">Request <code>${error.requestId}</code></p>`}
    </div>
    ${again && html`<${Button} kind="small" onClick=${again}>Try again<//>`}
  </div>`;
}

/** Grey lines in place of what is being read; they come after a moment, so that quick answers do not flicker. */
export const Loading = ({ rows = 6 }) =>
  html`<div class="loading" role="status" aria-label="Loading">${Array.from({ length: rows }, (_, row) => html`<span key=${row}></span>`)}</div>`;

/** The usual states of data around what shows it: a failure, nothing yet, loading. */
export function Loaded({ of, children, rows }) {
  const problem = html`<${Problem} error=${of.error.value} again=${of.again} at=${of.data.value ? of.at.value : null} />`;
  if (of.data.value === null) return of.error.value ? problem : html`<${Loading} rows=${rows} />`;
  return html`${problem}${children(of.data.value)}`;
}

/** A modal dialog; focus goes in, stays in and returns, as the browser does it. */
export function Dialog({ title, onClose, children, wide = false }) {
  const ref = useRef(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return html`<dialog ref=${ref} class=${wide ? "wide" : ""} aria-labelledby="dialog-title"
    onCancel=${(event) => (event.preventDefault(), onClose())}
    onClick=${(event) => event.target === ref.current && onClose()}>
    <div class="dialog">
      <div class="head"><h2 id="dialog-title">${title}</h2><${Button} icon="close" kind="quiet small" label="Close" onClick=${onClose} /></div>
      ${children}
    </div>
  </dialog>`;
}

/** A question before something that cannot be taken back. */
export const Confirm = ({ title, yes, onYes, onNo, children, danger = false }) =>
  html`<${Dialog} title=${title} onClose=${onNo}>
    <div class="prose">${children}</div>
    <footer><${Button} onClick=${onNo}>Cancel<//><${Button} kind=${danger ? "danger" : "primary"} onClick=${onYes}>${yes}<//></footer>
  <//>`;

/** Tabs, by arrow keys too; `of` holds the chosen one. */
export function Tabs({ names, of, label }) {
  const ref = useRef(null);
  const step = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (names.indexOf(of.value) + by + names.length) % names.length;
    of.value = names[next];
    ref.current?.children[next]?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${ref} onKeyDown=${step}>
    ${names.map((name) => html`<button type="button" role="tab" key=${name} aria-selected=${String(name === of.value)}
      tabindex=${name === of.value ? 0 : -1} onClick=${() => (of.value = name)}>${name}</button>`)}
  </div>`;
}

/** A strip of small bars over time. */
export function Bars({ values, label, tone = "" }) {
  const most = Math.max(...values.map((value) => value ?? 0), 1);
  const width = 100 / values.length;
  return html`<svg class="bars ${tone}" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${values.map((value, at) => value ? html`<rect key=${at} x=${at * width} width=${Math.max(width * 0.78, 0.3)}
      y=${24 - Math.max((22 * value) / most, 1.5)} height=${Math.max((22 * value) / most, 1.5)} />` : null)}
  </svg>`;
}

const FOLDED_TEXT = 300, SHOWN_ITEMS = 200;

/** A value as a tree that folds. `onPath` gets the path of a value whose name is pressed. */
export function Tree({ value, name = "", path = [], depth = 0, onPath }) {
  const open = useSignal(depth < 2);
  const whole = useSignal(false);
  const label = name === "" ? null : onPath
    ? html`<button type="button" class="key" title="Copy as an expression" onClick=${() => onPath(path)}>${name}</button>: `
    : html`<span class="key">${name}</span>: `;
  if (value === null || typeof value !== "object") {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const long = text.length > FOLDED_TEXT && !whole.value;
    return html`<div class="leaf">${label}<span class="value ${typeof value}">${long ? text.slice(0, FOLDED_TEXT) : text}</span>
      ${long && html` <button type="button" class="more" onClick=${() => (whole.value = true)}>… ${plural(text.length - FOLDED_TEXT, "more character")}</button>`}</div>`;
  }
  const entries = Object.entries(value);
  const isList = Array.isArray(value);
  if (!entries.length) return html`<div class="leaf">${label}<span class="faint">${isList ? "[ ]" : "{ }"}</span></div>`;
  const shown = whole.value ? entries : entries.slice(0, SHOWN_ITEMS);
  return html`<div class="branch">
    ${depth > 0 && html`<button type="button" class="fold" aria-expanded=${String(open.value)} onClick=${() => (open.value = !open.value)}>
      <${Icon} name=${open.value ? "down" : "right"} />${name === "" ? "" : name}<span class="faint"> ${isList ? plural(entries.length, "item") : plural(entries.length, "field")}</span></button>`}
    ${(open.value || depth === 0) && html`<div class=${depth > 0 ? "inside" : ""}>
      ${shown.map(([key, inner]) => {
        const at = isList ? Number(key) : key;
        return html`<${Tree} key=${key} value=${inner} name=${isList ? `[${key}]` : key} path=${[...path, at]} depth=${depth + 1} onPath=${onPath} />`;
      })}
      ${shown.length < entries.length && html`<button type="button" class="more" onClick=${() => (whole.value = true)}>… ${entries.length - shown.length} more</button>`}
    </div>`}
  </div>`;
}

/** What to do with what is typed. */
export const taking = (use) => (event) => use(event.target.value);

/** Keeps what is typed. */
export const into = (value) => taking((text) => (value.value = text));

/** A drop-down. A choice is a value, or a value and what is shown for it. */
export const Select = ({ choices, onPick, ...rest }) => html`<select ...${rest} onChange=${taking(onPick)}>
  ${choices.map((choice) => {
    const [value, text = value] = [choice].flat();
    return html`<option key=${value} value=${value}>${text}</option>`;
  })}</select>`;

/** An entry with its name above, and below what it is about or what is wrong with it. */
export const Labelled = ({ id, label, about, wrong, children }) => html`<div class="field ${wrong ? "wrong" : ""}">
  <label for=${id}>${label}</label>${children}${(wrong || about) && html`<p id=${`${id}-about`} class=${wrong ? "error" : "about"}>${wrong || about}</p>`}</div>`;

/** `of` holds what is sought. */
export const Search = ({ label, placeholder, of, kind = "" }) => html`<label class="search ${kind}"><${Icon} name="search" /><span class="unseen">${label}</span>
  <input type="search" placeholder=${placeholder} value=${of.value} onInput=${into(of)} /></label>`;

/** `of` holds whether it is on. */
export const Check = ({ of, title, children }) => html`<label class="check" title=${title}>
  <input type="checkbox" checked=${of.value} onChange=${(event) => (of.value = event.target.checked)} />${children}</label>`;

/** Names and values; those without a value are left out. */
export const Facts = ({ facts, kind = "" }) => html`<dl class="facts ${kind}">${facts.filter(([, value]) => value).map(([name, value]) =>
  html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

/** A table that scrolls by itself and becomes cards where it is narrow. A head is a text, or a text and a class. */
export const Table = ({ label, heads, kind = "", children }) => html`<div class="scroll ${kind}" role="region" aria-label=${label} tabindex="0"><table class="cards">
  <thead><tr>${heads.map((head, at) => {
    const [text, name] = [head].flat();
    return html`<th scope="col" key=${at} class=${name}>${text}</th>`;
  })}</tr></thead><tbody>${children}</tbody></table></div>`;
