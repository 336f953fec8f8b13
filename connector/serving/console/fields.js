/* Entries of a form, made from the fields of an operation. */
import { html, useEffect, useSignal } from "./preact.js";
import { ask } from "./api.js";
import { callOf, dependsOn, inputsOf, isBlank } from "./calls.js";
import { Combo } from "./combo.js";
import { localInput, words } from "./format.js";
import { Icon } from "./icons.js";
import { Button, Labelled, Select, into, taking } from "./parts.js";


const LONG = 20_000;

/** What a search finds for references that have no list: too many people and tickets for one. */
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

const searchOf = (field) => (field.lookup ? undefined : SEARCHES[field.noun ?? ""] ?? SEARCHES[field.name]);

/** Where an entry's choices come from. */
function choicesOf(field, { operations, values }) {
  const search = searchOf(field);
  if (search) {
    const finder = operations.get(search.operation);
    return {
      live: true,
      load: async (typed) => {
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

/** Names, or ids where two have the same name. */
function optionsOf(results) {
  const count = new Map();
  for (const { name } of results) count.set(name, (count.get(name) ?? 0) + 1);
  return results.map(({ id, name }) => ({ value: String(count.get(name) > 1 ? id : name ?? id), label: String(name ?? id), hint: name === undefined ? "" : `id ${id}` }));
}

export function Entry({ field, form }) {
  const id = `field-${field.name}`, about = `${id}-about`;
  const wrong = form.wrong[field.name];
  const value = form.values[field.name];
  const set = (to) => form.set(field.name, to);
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

function hintOf(field) {
  const { minimum, maximum } = field.limits ?? {};
  const range = minimum !== undefined && maximum !== undefined && maximum < 1e6 ? ` From ${minimum} to ${maximum}.` : "";
  const usual = field.default === undefined ? "" : ` Usually ${field.default === true ? "yes" : field.default === false ? "no" : field.default}.`;
  return range + usual;
}

function Control({ field, form, id, value, set, describedBy, invalid }) {
  const shared = { id, "aria-describedby": describedBy, "aria-invalid": invalid ? "true" : undefined };
  const typed = taking(set);
  if (field.type === "object") return html`<${OwnFields} field=${field} form=${form} id=${id} value=${value} set=${set} describedBy=${describedBy} />`;
  if (field.type === "array") return html`<${List} field=${field} form=${form} value=${value ?? []} set=${set} ...${{ id, describedBy, invalid }} />`;
  if (field.type === "boolean") return html`<${YesNo} shared=${shared} value=${value} set=${set} />`;
  if (field.choices?.length) {
    return html`<${Select} ...${shared} value=${value ?? ""} onPick=${set} choices=${["", ...field.choices]} />`;
  }
  if (field.lookup || searchOf(field)) return html`<${Choosing} field=${field} form=${form} value=${value ?? ""} set=${set} ...${{ id, describedBy, invalid }} />`;
  if (field.format === "date-time") return html`<${Moment} shared=${shared} value=${value ?? ""} set=${set} />`;
  if ((field.limits?.maxLength ?? 0) > LONG) return html`<textarea ...${shared} rows="4" value=${value ?? ""} onInput=${typed}></textarea>`;
  const numeric = field.type === "integer" || field.type === "number" ? { inputmode: "decimal", class: "short" } : {};
  return html`<input type="text" autocomplete="off" ...${shared} ...${numeric} value=${value ?? ""} onInput=${typed} />`;
}

const YesNo = ({ shared, value, set }) =>
  html`<${Select} class="short" ...${shared} choices=${["", ["true", "Yes"], ["false", "No"]]} value=${value === undefined ? "" : String(value)}
    onPick=${(one) => set(one === "" ? undefined : one === "true")} />`;

function Choosing({ field, form, id, value, set, describedBy, invalid, onPick, placeholder }) {
  const { load, live = false, blocked = "" } = choicesOf(field, form);
  const inputs = dependsOn(field).map((name) => form.values[name]);
  return html`<${Combo} id=${id} value=${value} onInput=${set} onPick=${onPick} load=${load} live=${live} blocked=${blocked} inputs=${[JSON.stringify(inputs)]}
    describedBy=${describedBy} invalid=${invalid} placeholder=${placeholder} />`;
}

/** A time: chosen in the browser's zone and sent as UTC, or written, where words such as \`-7d\` are understood too. */
function Moment({ shared, value, set }) {
  const writing = useSignal(Boolean(value) && !localInput(value));
  const chosen = (event) => set(event.target.value ? new Date(event.target.value).toISOString().replace(".000Z", "Z") : undefined);
  return html`<div class="beside">
    ${writing.value
      ? html`<input type="text" autocomplete="off" ...${shared} value=${value} placeholder="2026-12-31T17:00:00Z" onInput=${taking(set)} />`
      : html`<input type="datetime-local" ...${shared} value=${value ? localInput(value) : ""} onChange=${chosen} />`}
    <${Button} icon="edit" kind="quiet small" label=${writing.value ? "Choose from a calendar" : "Write it"} onClick=${() => (writing.value = !writing.value)} />
    ${value && !writing.value && html`<code class="faint">${value}</code>`}
  </div>`;
}

/** Several values as chips. */
function List({ field, form, id, value, set, describedBy, invalid }) {
  const typing = useSignal("");
  const add = (text) => {
    const more = text.split(field.lookup ? "\n" : ",").map((one) => one.trim()).filter((one) => one && !value.includes(one));
    if (more.length) set([...value, ...more]);
    typing.value = "";
  };
  const keyed = (event) => {
    if (event.key === "Enter" && typing.value.trim()) {
      event.preventDefault();
      add(typing.value);
    } else if (event.key === "Backspace" && !typing.value && value.length) set(value.slice(0, -1));
  };
  const chips = value.map((one) => html`<span class="chip" key=${one}>${one}
    <button type="button" aria-label=${`Remove ${one}`} onClick=${() => set(value.filter((other) => other !== one))}><${Icon} name="close" /></button></span>`);
  if (field.choices?.length) {
    return html`<div class="chips">${chips}<${Select} id=${id} aria-describedby=${describedBy} value="" onPick=${add}
      choices=${[["", "Add …"], ...field.choices.filter((one) => !value.includes(one))]} /></div>`;
  }
  const entry = field.lookup || searchOf(field)
    ? html`<${Choosing} field=${field} form=${form} id=${id} value=${typing.value} set=${(text) => (typing.value = text)} onPick=${add} describedBy=${describedBy} invalid=${invalid} placeholder="Add …" />`
    : html`<input id=${id} type="text" autocomplete="off" placeholder="Add, then Enter" aria-describedby=${describedBy} aria-invalid=${invalid ? "true" : undefined}
        value=${typing.value} onInput=${into(typing)} onKeyDown=${keyed} onBlur=${() => add(typing.value)} />`;
  return html`<div class="chips">${chips}${entry}</div>`;
}

/** Fields that only the site knows: as entries where its schema can be read, else as JSON. */
function OwnFields({ field, form, id, value, set, describedBy }) {
  const own = useSignal(null);
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
      set=${(one) => set(without(held, name, one))} />`)}
    <p class="about">${trouble.value || (!inputs && field.schema ? "Which fields there are depends on what is chosen above." : own.value === null && inputs ? "Reading this site's fields …" : names.length ? "" : "This site has no fields of its own here.")}
      <button type="button" class="more" onClick=${() => (asJson.value = true)}>Write JSON</button></p>
  </div>`;
}

function without(held, name, value) {
  const { [name]: _, ...others } = held;
  return isBlank(value) ? others : { ...others, [name]: value };
}

function OwnEntry({ id, name, schema, value, set }) {
  const title = schema["x-ms-summary"] || schema.title || words(name);
  const number = schema.type === "integer" || schema.type === "number";
  const typed = (text) => {
    set(text && number && !Number.isNaN(Number(text)) ? Number(text) : text && schema.type === "array" ? text.split(",").map((one) => one.trim()) : text);
  };
  const control = schema.type === "boolean"
    ? html`<${YesNo} shared=${{ id }} value=${value} set=${set} />`
    : Array.isArray(schema.enum)
      ? html`<${Select} id=${id} value=${value ?? ""} onPick=${typed} choices=${["", ...schema.enum]} />`
      : html`<input id=${id} type="text" autocomplete="off" inputmode=${number ? "decimal" : undefined} value=${Array.isArray(value) ? value.join(", ") : value ?? ""} onInput=${taking(typed)} />`;
  return html`<${Labelled} id=${id} label=${title} about=${schema.description}>${control}<//>`;
}
