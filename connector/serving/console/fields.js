/* Entries of a form, made from the fields of an operation. */
import { html, useEffect, useSignal } from "./preact.js";
import { ask } from "./api.js";
import { callOf, dependsOn, inputsOf, isBlank } from "./calls.js";
import { Combo } from "./combo.js";
import { localInput, words } from "./format.js";
import { Icon } from "./icons.js";
import { Button, into, taking } from "./parts.js";

/** @typedef {import("./calls.js").Field} Field */
/** @typedef {import("./calls.js").Operation} Operation */
/** @typedef {{sentence: string, candidates: {value: string, label: string}[]}} Wrong */
/** @typedef {{operation: Operation, operations: Map<string, Operation>, values: Record<string, any>, set: (name: string, value: any) => void,
 *   wrong: Record<string, Wrong>}} Form */

const LONG = 20_000;

/** What a search finds for references that have no list: too many people and tickets for one.
 * @type {Record<string, {operation: string, option: (found: any) => import("./combo.js").Option}>} */
const SEARCHES = {
  contact: {
    operation: "FindContacts",
    option: (found) => ({ value: String(found.email || found.id), label: found.name || found.email, hint: [found.email, found.company].filter(Boolean).join(" · ") }),
  },
  ticketId: {
    operation: "FindTickets",
    option: (found) => ({ value: String(found.id), label: `#${found.id} ${found.title ?? ""}`, hint: [found.status, found.company].filter(Boolean).join(" · ") }),
  },
};

/** @param {Field} field */
const searchOf = (field) => (field.lookup ? undefined : SEARCHES[field.noun ?? ""] ?? SEARCHES[field.name]);

/** Where an entry's choices come from. @param {Field} field @param {Form} form */
function choicesOf(field, { operations, values }) {
  const search = searchOf(field);
  if (search) {
    const finder = operations.get(search.operation);
    return {
      live: true,
      load: async (/** @type {string} */ typed) => {
        if (!finder) return [];
        const { path, query, body, method } = callOf(finder, { search: typed, take: "20" });
        const { results } = await ask(path, { method, query, body });
        return results.map(search.option);
      },
    };
  }
  const lookup = field.lookup;
  const lister = lookup && operations.get(lookup.operation);
  if (!lookup || !lister) return { load: async () => [] };
  const inputs = inputsOf(lookup, values, operations);
  const first = dependsOn(field).map((name) => words(name).toLowerCase()).join(" and ");
  return {
    blocked: inputs ? "" : `Choose the ${first} first, or write what you know.`,
    load: async () => {
      const { path, query, body, method } = callOf(lister, inputs ?? {});
      const { results } = await ask(path, { method, query, body });
      return optionsOf(results);
    },
  };
}

/** Names, or ids where two have the same name. @param {any[]} results */
function optionsOf(results) {
  const count = new Map();
  for (const { name } of results) count.set(name, (count.get(name) ?? 0) + 1);
  return results.map(({ id, name }) => ({ value: String(count.get(name) > 1 ? id : name ?? id), label: String(name ?? id), hint: name === undefined ? "" : `id ${id}` }));
}

/** @param {{field: Field, form: Form}} props */
export function Entry({ field, form }) {
  const id = `field-${field.name}`, about = `${id}-about`;
  const wrong = form.wrong[field.name];
  const value = form.values[field.name];
  const set = (/** @type {any} */ to) => form.set(field.name, to);
  return html`<div class="field ${wrong ? "wrong" : ""} ${field.type === "object" ? "group" : ""}">
    <label for=${id}>${field.title}${field.required && html`<span class="required" title="Needed"> *</span>`}
      <code class="faint">${field.name}</code></label>
    <${Control} field=${field} form=${form} id=${id} value=${value} set=${set} describedBy=${about} invalid=${Boolean(wrong)} />
    ${wrong && html`<p class="error" role="alert">${wrong.sentence}</p>`}
    ${wrong?.candidates.length ? html`<div class="candidates" role="group" aria-label="What may be meant">
      ${wrong.candidates.slice(0, 12).map((one) => html`<${Button} key=${one.label} kind="small" onClick=${() => set(field.type === "array" ? [one.value] : one.value)}>${one.label}<//>`)}
    </div>` : null}
    <p id=${about} class="about">${field.about}${hintOf(field)}</p>
  </div>`;
}

/** @param {Field} field */
function hintOf(field) {
  const { minimum, maximum } = field.limits ?? {};
  const range = minimum !== undefined && maximum !== undefined && maximum < 1e6 ? ` From ${minimum} to ${maximum}.` : "";
  const usual = field.default === undefined ? "" : ` Usually ${field.default === true ? "yes" : field.default === false ? "no" : field.default}.`;
  return range + usual;
}

/** @param {{field: Field, form: Form, id: string, value: any, set: (value: any) => void, describedBy: string, invalid: boolean}} props */
function Control({ field, form, id, value, set, describedBy, invalid }) {
  const shared = { id, "aria-describedby": describedBy, "aria-invalid": invalid ? "true" : undefined };
  const typed = taking(set);
  if (field.type === "object") return html`<${OwnFields} field=${field} form=${form} id=${id} value=${value} set=${set} describedBy=${describedBy} />`;
  if (field.type === "array") return html`<${List} field=${field} form=${form} value=${value ?? []} set=${set} ...${{ id, describedBy, invalid }} />`;
  if (field.type === "boolean") return html`<${YesNo} shared=${shared} value=${value} set=${set} />`;
  if (field.choices?.length) {
    return html`<select ...${shared} value=${value ?? ""} onChange=${typed}><option value=""></option>
      ${field.choices.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}</select>`;
  }
  if (field.lookup || searchOf(field)) return html`<${Choosing} field=${field} form=${form} value=${value ?? ""} set=${set} ...${{ id, describedBy, invalid }} />`;
  if (field.format === "date-time") return html`<${Moment} shared=${shared} value=${value ?? ""} set=${set} />`;
  if ((field.limits?.maxLength ?? 0) > LONG) return html`<textarea ...${shared} rows="4" value=${value ?? ""} onInput=${typed}></textarea>`;
  const numeric = field.type === "integer" || field.type === "number" ? { inputmode: "decimal", class: "short" } : {};
  return html`<input type="text" autocomplete="off" ...${shared} ...${numeric} value=${value ?? ""} onInput=${typed} />`;
}

/** @param {{shared: any, value: any, set: (value: any) => void}} props */
const YesNo = ({ shared, value, set }) =>
  html`<select class="short" ...${shared} value=${value === undefined ? "" : String(value)}
    onChange=${(/** @type {any} */ event) => set(event.target.value === "" ? undefined : event.target.value === "true")}>
    <option value=""></option><option value="true">Yes</option><option value="false">No</option></select>`;

/** @param {any} props */
function Choosing({ field, form, id, value, set, describedBy, invalid, onPick, placeholder }) {
  const { load, live = false, blocked = "" } = /** @type {any} */ (choicesOf(field, form));
  const inputs = dependsOn(field).map((name) => form.values[name]);
  return html`<${Combo} id=${id} value=${value} onInput=${set} onPick=${onPick} load=${load} live=${live} blocked=${blocked} inputs=${[JSON.stringify(inputs)]}
    describedBy=${describedBy} invalid=${invalid} placeholder=${placeholder} />`;
}

/** A time: chosen in the browser's zone and sent as UTC, or written, where words such as \`-7d\` are understood too.
 * @param {{shared: any, value: string, set: (value: any) => void}} props */
function Moment({ shared, value, set }) {
  const writing = useSignal(Boolean(value) && !localInput(value));
  const chosen = (/** @type {any} */ event) => set(event.target.value ? new Date(event.target.value).toISOString().replace(".000Z", "Z") : undefined);
  return html`<div class="beside">
    ${writing.value
      ? html`<input type="text" autocomplete="off" ...${shared} value=${value} placeholder="2026-12-31T17:00:00Z" onInput=${taking(set)} />`
      : html`<input type="datetime-local" ...${shared} value=${value ? localInput(value) : ""} onChange=${chosen} />`}
    <${Button} icon="edit" kind="quiet small" label=${writing.value ? "Choose from a calendar" : "Write it"} onClick=${() => (writing.value = !writing.value)} />
    ${value && !writing.value && html`<code class="faint">${value}</code>`}
  </div>`;
}

/** Several values as chips. @param {any} props */
function List({ field, form, id, value, set, describedBy, invalid }) {
  const typing = useSignal("");
  const add = (/** @type {string} */ text) => {
    const more = text.split(field.lookup ? "\n" : ",").map((one) => one.trim()).filter((one) => one && !value.includes(one));
    if (more.length) set([...value, ...more]);
    typing.value = "";
  };
  const keyed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && typing.value.trim()) {
      event.preventDefault();
      add(typing.value);
    } else if (event.key === "Backspace" && !typing.value && value.length) set(value.slice(0, -1));
  };
  const chips = value.map((/** @type {string} */ one) => html`<span class="chip" key=${one}>${one}
    <button type="button" aria-label=${`Remove ${one}`} onClick=${() => set(value.filter((/** @type {string} */ other) => other !== one))}><${Icon} name="close" /></button></span>`);
  if (field.choices?.length) {
    return html`<div class="chips">${chips}<select id=${id} aria-describedby=${describedBy} value="" onChange=${taking(add)}>
      <option value="">Add …</option>${field.choices.filter((/** @type {string} */ one) => !value.includes(one)).map((/** @type {string} */ one) => html`<option key=${one}>${one}</option>`)}</select></div>`;
  }
  const entry = field.lookup || searchOf(field)
    ? html`<${Choosing} field=${field} form=${form} id=${id} value=${typing.value} set=${(/** @type {string} */ text) => (typing.value = text)} onPick=${add} describedBy=${describedBy} invalid=${invalid} placeholder="Add …" />`
    : html`<input id=${id} type="text" autocomplete="off" placeholder="Add, then Enter" aria-describedby=${describedBy} aria-invalid=${invalid ? "true" : undefined}
        value=${typing.value} onInput=${into(typing)} onKeyDown=${keyed} onBlur=${() => add(typing.value)} />`;
  return html`<div class="chips">${chips}${entry}</div>`;
}

/** Fields that only the site knows: as entries where its schema can be read, else as JSON. @param {any} props */
function OwnFields({ field, form, id, value, set, describedBy }) {
  const own = useSignal(/** @type {Record<string, any> | null} */ (null));
  const trouble = useSignal(""), asJson = useSignal(typeof value === "string");
  const inputs = field.schema ? inputsOf(field.schema, form.values, form.operations) : null;
  useEffect(() => {
    own.value = null;
    const asked = field.schema && form.operations.get(field.schema.operation);
    if (!asked || !inputs) return;
    let gone = false;
    const { path, query, body, method } = callOf(asked, inputs);
    ask(path, { method, query, body }).then(
      (answer) => gone || ([own.value, trouble.value] = [answer[field.schema.at ?? "schema"]?.properties ?? {}, ""]),
      (problem) => gone || ([own.value, trouble.value] = [{}, problem.message]),
    );
    return () => {
      gone = true;
    };
  }, [JSON.stringify(inputs)]);
  const held = typeof value === "object" && value ? value : {};
  const names = Object.keys(own.value ?? {});
  if (asJson.value) {
    return html`<textarea id=${id} rows="4" class="mono" spellcheck=${false} aria-describedby=${describedBy} placeholder="{}" value=${typeof value === "string" ? value : isBlank(value) ? "" : JSON.stringify(value, null, 2)}
      onInput=${taking(set)}></textarea>`;
  }
  return html`<div class="own" id=${id} role="group" aria-describedby=${describedBy}>
    ${names.map((name) => html`<${OwnEntry} key=${name} id=${`${id}-${name}`} name=${name} schema=${own.value?.[name] ?? {}} value=${held[name]}
      set=${(/** @type {any} */ one) => set(without(held, name, one))} />`)}
    <p class="about">${trouble.value || (!inputs && field.schema ? "Which fields there are depends on what is chosen above." : own.value === null && inputs ? "Reading this site's fields …" : names.length ? "" : "This site has no fields of its own here.")}
      <button type="button" class="more" onClick=${() => (asJson.value = true)}>Write JSON</button></p>
  </div>`;
}

/** @param {Record<string, any>} held @param {string} name @param {any} value */
function without(held, name, value) {
  const { [name]: _, ...others } = held;
  return isBlank(value) ? others : { ...others, [name]: value };
}

/** @param {{id: string, name: string, schema: any, value: any, set: (value: any) => void}} props */
function OwnEntry({ id, name, schema, value, set }) {
  const title = schema["x-ms-summary"] || schema.title || words(name);
  const number = schema.type === "integer" || schema.type === "number";
  const typed = (/** @type {any} */ event) => {
    const text = event.target.value;
    set(text && number && !Number.isNaN(Number(text)) ? Number(text) : text && schema.type === "array" ? text.split(",").map((/** @type {string} */ one) => one.trim()) : text);
  };
  const control = schema.type === "boolean"
    ? html`<${YesNo} shared=${{ id }} value=${value} set=${set} />`
    : Array.isArray(schema.enum)
      ? html`<select id=${id} value=${value ?? ""} onChange=${typed}><option value=""></option>${schema.enum.map((/** @type {any} */ one) => html`<option key=${one}>${one}</option>`)}</select>`
      : html`<input id=${id} type="text" autocomplete="off" inputmode=${number ? "decimal" : undefined} value=${Array.isArray(value) ? value.join(", ") : value ?? ""} onInput=${typed} />`;
  return html`<div class="field"><label for=${id}>${title}</label>${control}${schema.description && html`<p class="about">${schema.description}</p>`}</div>`;
}
