/* From what was entered to a call, and from a failure back to the entries it is about. Pure functions. */
import { candidates } from "./format.js";


export const isBlank = (value) =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length) ||
  (typeof value === "object" && !Array.isArray(value) && !Object.keys(value).length);

/** What an entry is sent as; throws a sentence. */
function sent(field, value) {
  if (field.type === "integer" || field.type === "number") return numberOf(field, value);
  if (field.type === "array" && field.items === "integer") return value.map((one) => numberOf(field, one));
  if (field.type === "object" && typeof value === "string") return objectOf(value);
  return value;
}

function numberOf(field, value) {
  const number = Number(String(value).trim());
  if (Number.isNaN(number)) throw new Error("This is not a number.");
  if (field.type === "integer" && !Number.isSafeInteger(number)) throw new Error("This is not a whole number.");
  return number;
}

function objectOf(text) {
  try {
    const value = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
  } catch (problem) {
    const at = /position (\d+)/.exec(String(problem));
    const line = at ? text.slice(0, Number(at[1])).split("\n").length : 0;
    throw new Error(line ? `This is not valid JSON, from line ${line} on.` : "This is not valid JSON.");
  }
  throw new Error('This is not a JSON object, such as {"name": "value"}.');
}

/** The call that entries make; `problems` has a sentence by the name of a field. */
export function callOf(operation, values) {
  let path = operation.path;
  const query = {}, body = {};
  const problems = {};
  for (const field of operation.fields ?? []) {
    const value = values[field.name];
    if (isBlank(value)) {
      if (field.required) problems[field.name] = `${field.title} is needed.`;
      continue;
    }
    try {
      const given = sent(field, value);
      if (field.in === "path") path = path.replace(`{${field.name}}`, encodeURIComponent(String(given)));
      else if (field.in === "query") query[field.name] = Array.isArray(given) ? given.join(",") : given;
      else body[field.name] = given;
    } catch (problem) {
      problems[field.name] = problem.message;
    }
  }
  const hasBody = (operation.fields ?? []).some((field) => !field.in) || operation.method === "POST";
  return { method: operation.method, path, query, body: hasBody && operation.method !== "GET" ? body : undefined, problems };
}

/** What another operation needs of the entries beside it; null while something is missing that it cannot do without. */
export function inputsOf(asked, values, operations) {
  const inputs = {};
  for (const [name, source] of Object.entries(asked.needs ?? {})) {
    inputs[name] = source.startsWith("=") ? source.slice(1) : values[source];
  }
  const lacking = (operations.get(asked.operation)?.fields ?? []).filter((field) => field.required && isBlank(inputs[field.name]));
  return lacking.length ? null : inputs;
}

/** The entries that an entry depends on. */
export const dependsOn = (field) =>
  Object.values(field.lookup?.needs ?? field.schema?.needs ?? {}).filter((source) => !source.startsWith("="));

/** Which entry each sentence of a failure is about; what is about none stands under "". */
export function placedProblems(failure, operation, values) {
  const placed = {};
  const fields = operation.fields ?? [];
  if (failure.code === "InvalidInput") {
    for (const detail of failure.details) {
      const name = /^'([\w-]+)/.exec(detail)?.[1] ?? "";
      const at = fields.some((field) => field.name === name) ? name : "";
      placed[at] ??= { sentence: at ? without(detail, name) : failure.message, candidates: [] };
    }
    return Object.keys(placed).length ? placed : { "": { sentence: failure.message, candidates: [] } };
  }
  const found = candidates(failure.details, failure.code);
  const field = fieldAbout(failure, fields, values);
  return { [field?.name ?? ""]: { sentence: failure.message, candidates: field ? found : [] } };
}

function without(detail, name) {
  const rest = detail.slice(name.length + 2).replace(/^[.\w]*'?\s*/, "");
  return `This ${rest}${/[.!?]$/.test(rest) ? "" : "."}`;
}

/** The reference that a code such as `BoardNotFound` is about: the one whose entry the sentence repeats. */
function fieldAbout(failure, fields, values) {
  const noun = /^(\w+?)(NotFound|Ambiguous|Inactive|Unknown)$/.exec(failure.code)?.[1];
  if (!noun) return undefined;
  const named = fields.filter((field) => key(field.noun ?? "") === key(noun) || key(field.name) === key(noun) || key(field.name) === `${key(noun)}id`);
  const people = noun === "Person" ? fields.filter((field) => ["onBehalfOf", "contact"].includes(field.name)) : [];
  const possible = [...named, ...people].filter((field) => !isBlank(values[field.name]));
  return possible.find((field) => [values[field.name]].flat().some((one) => failure.message.includes(`'${one}'`))) ?? possible[0];
}

const key = (text) => text.replace(/[^a-z]/gi, "").toLowerCase();

/** The entries that an event gives to an operation: the same names, and the id of what it is about. */
export function valuesFrom(operation, event) {
  const values = {};
  for (const field of operation.fields ?? []) {
    const value = event[field.name] ?? (field.name === "ticketId" ? event.id : undefined);
    if (!isBlank(value) && typeof value !== "object" && (field.in === "path" || field.required)) values[field.name] = String(value);
  }
  return values;
}

export const reads = (operation) => operation.effects === "reads";

/** Whether each call has to be confirmed. */
export const isGrave = (operation) => ["deletes", "sends", "anything"].includes(operation.effects);
