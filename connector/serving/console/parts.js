/* The parts that screens are made of. Text only ever becomes text nodes. */
import { html, useEffect, useRef, useSignal } from "./preact.js";
import { Icon } from "./icons.js";
import { clock, plural, relative } from "./format.js";
import { copy, now } from "./state.js";

/** @typedef {any} Node */

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

/** A state as word, icon and colour. @param {{state: string, text?: string}} props */
export function State({ state, text }) {
  const [tone, icon, word] = STATES[/** @type {keyof typeof STATES} */ (state)] ?? ["faint", "unknown", state];
  return html`<span class="state ${tone}"><${Icon} name=${icon} />${text ?? word}</span>`;
}

/** A moment: the clock here, relative or absolute, with UTC on hover. @param {{at?: string, ago?: boolean}} props */
export function Time({ at, ago = false }) {
  if (!at) return null;
  const then = new Date(at);
  return html`<time datetime=${at} title=${at}>${ago ? relative(then, now.value) : clock(then, now.value)}</time>`;
}

/** @param {{icon?: string, kind?: string, onClick?: (event: Event) => void, children?: Node, label?: string} & Record<string, unknown>} props */
export function Button({ icon, kind = "", children, label, ...rest }) {
  const named = label ? { "aria-label": label, title: label } : {};
  return html`<button type="button" class="button ${kind}" ...${named} ...${rest}>${icon && html`<${Icon} name=${icon} />`}${children}</button>`;
}

/** @param {{text: string, label?: string, said?: string, children?: Node}} props */
export const Copy = ({ text, label = "Copy", said, children }) =>
  html`<${Button} icon="copy" kind="quiet small" label=${children ? undefined : label} onClick=${() => copy(text, said)}>${children}<//>`;

/** What stands where there is nothing: what will be here, and the one thing that brings it.
 * @param {{title: string, children?: Node, icon?: string}} props */
export const Empty = ({ title, children, icon = "events" }) =>
  html`<div class="empty"><${Icon} name=${icon} /><strong>${title}</strong><div>${children}</div></div>`;

/** A failure in the app's own sentence. @param {{error: any, again?: () => void, at?: Date | null}} props */
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

/** Grey lines in place of what is being read; they come after a moment, so that quick answers do not flicker.
 * @param {{rows?: number}} props */
export const Loading = ({ rows = 6 }) =>
  html`<div class="loading" role="status" aria-label="Loading">${Array.from({ length: rows }, (_, row) => html`<span key=${row}></span>`)}</div>`;

/** The usual states of data around what shows it: a failure, nothing yet, loading.
 * @param {{of: any, children: (data: any) => Node, rows?: number}} props */
export function Loaded({ of, children, rows }) {
  const problem = html`<${Problem} error=${of.error.value} again=${of.again} at=${of.data.value ? of.at.value : null} />`;
  if (of.data.value === null) return of.error.value ? problem : html`<${Loading} rows=${rows} />`;
  return html`${problem}${children(of.data.value)}`;
}

/** A modal dialog; focus goes in, stays in and returns, as the browser does it.
 * @param {{title: string, onClose: () => void, children?: Node, wide?: boolean}} props */
export function Dialog({ title, onClose, children, wide = false }) {
  const ref = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => before instanceof HTMLElement && before.focus();
  }, []);
  return html`<dialog ref=${ref} class=${wide ? "wide" : ""} aria-labelledby="dialog-title"
    onCancel=${(/** @type {Event} */ event) => (event.preventDefault(), onClose())}
    onClick=${(/** @type {Event} */ event) => event.target === ref.current && onClose()}>
    <div class="dialog">
      <div class="head"><h2 id="dialog-title">${title}</h2><${Button} icon="close" kind="quiet small" label="Close" onClick=${onClose} /></div>
      ${children}
    </div>
  </dialog>`;
}

/** A question before something that cannot be taken back.
 * @param {{title: string, yes: string, onYes: () => void, onNo: () => void, children?: Node, danger?: boolean}} props */
export const Confirm = ({ title, yes, onYes, onNo, children, danger = false }) =>
  html`<${Dialog} title=${title} onClose=${onNo}>
    <div class="prose">${children}</div>
    <footer><${Button} onClick=${onNo}>Cancel<//><${Button} kind=${danger ? "danger" : "primary"} onClick=${onYes}>${yes}<//></footer>
  <//>`;

/** Tabs, by arrow keys too. @param {{names: string[], chosen: string, choose: (name: string) => void, label: string}} props */
export function Tabs({ names, chosen, choose, label }) {
  const ref = useRef(/** @type {HTMLDivElement | null} */ (null));
  const step = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = (names.indexOf(chosen) + by + names.length) % names.length;
    choose(names[next]);
    /** @type {HTMLElement} */ (ref.current?.children[next])?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} ref=${ref} onKeyDown=${step}>
    ${names.map((name) => html`<button type="button" role="tab" key=${name} aria-selected=${String(name === chosen)}
      tabindex=${name === chosen ? 0 : -1} onClick=${() => choose(name)}>${name}</button>`)}
  </div>`;
}

/** A strip of small bars over time. @param {{values: (number | null)[], label: string, tone?: string}} props */
export function Bars({ values, label, tone = "" }) {
  const most = Math.max(...values.map((value) => value ?? 0), 1);
  const width = 100 / values.length;
  return html`<svg class="bars ${tone}" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${values.map((value, at) => value ? html`<rect key=${at} x=${at * width} width=${Math.max(width * 0.78, 0.3)}
      y=${24 - Math.max((22 * value) / most, 1.5)} height=${Math.max((22 * value) / most, 1.5)} />` : null)}
  </svg>`;
}

const FOLDED_TEXT = 300, SHOWN_ITEMS = 200;

/** A value as a tree that folds. `onPath` gets the path of a value whose name is pressed.
 * @param {{value: unknown, name?: string, path?: (string | number)[], depth?: number, onPath?: (path: (string | number)[]) => void}} props */
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

/** What to do with what is typed. @param {(text: string) => void} use */
export const taking = (use) => (/** @type {any} */ event) => use(event.target.value);

/** Keeps what is typed. @param {import("./preact.js").Signal<string>} value */
export const into = (value) => taking((text) => (value.value = text));
