/* How values are written for people. Pure functions: `node --test` runs them too. */

const MINUTE = 60, HOUR = 3600, DAY = 86400;

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** When it was so many hours ago, as text; "" for what is no number of hours. */
export function hoursAgo(hours) {
  const count = Number(hours || 0);
  return count > 0 && count < 1e6 ? new Date(Date.now() - count * 3600_000).toISOString() : "";
}

/** A span of time: `38 ms`, `1.2 s`, `9 min`. */
export function span(ms) {
  if (ms === null || ms === undefined) return "";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) return `${Math.round(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.round(seconds / HOUR)} h`;
  return plural(Math.round(seconds / DAY), "day");
}

/** How long ago, or until when: `just now`, `3 min ago`, `in 9 min`. */
export function relative(then, now) {
  const ms = now.getTime() - then.getTime();
  if (Math.abs(ms) < 3000) return ms < 0 ? "in a moment" : "just now";
  return ms > 0 ? `${span(ms)} ago` : `in ${span(-ms)}`;
}

const pad = (value) => String(value).padStart(2, "0");

/** The clock of a moment, with the date when it is not today's. */
export function clock(then, now) {
  const time = `${pad(then.getHours())}:${pad(then.getMinutes())}:${pad(then.getSeconds())}`;
  return then.toDateString() === now.toDateString() ? time : `${day(then)} ${time}`;
}

export const day = (then) => `${then.getDate()} ${then.toLocaleString("en", { month: "short" })}`;

/** A name as a heading: `subscriptionId` -> `Subscription id`. */
export function words(name) {
  const spaced = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/[_-]+/g, " ").toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export const shortened = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** What a cell of a table shows of a value. */
export function cell(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(cell).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${name}: ${cell(one)}`).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}

/** What is written in a field for a time: the browser's zone. */
export function localInput(iso) {
  const then = new Date(iso);
  if (Number.isNaN(then.getTime())) return "";
  return `${then.getFullYear()}-${pad(then.getMonth() + 1)}-${pad(then.getDate())}T${pad(then.getHours())}:${pad(then.getMinutes())}`;
}

/** The candidates of an error as what to fill in and what to show: `Support (id 31)` -> `Support`. */
export function candidates(details, code) {
  return details.flatMap((detail) => {
    const person = /^((?:contact|member):\d+) (.+)$/.exec(detail);
    if (person) return [{ value: person[1], label: person[2] }];
    const named = /^(.+?)(?:,? \(?id ([\w-]+)\)?)(.*)$/.exec(detail);
    if (!named) return /NotFound$|Ambiguous$|Unknown$/.test(code) && detail.length < 80 ? [{ value: detail, label: detail }] : [];
    return [{ value: /NotFound$/.test(code) ? named[1] : named[2], label: detail }];
  });
}

/** The path of a value of an event as Power Automate reads it. */
export function expression(path) {
  let text = "", open = "body";
  for (const part of path) {
    if (typeof part === "string" && open) open += `/${part}`;
    else if (typeof part === "string") open = part;
    else {
      text += open ? `?['${open}']?[${part}]` : `?[${part}]`;
      open = "";
    }
  }
  return `@triggerOutputs()${text}${open ? `?['${open}']` : ""}`;
}

/** What an event is about, in a line. */
export function aboutOf({ about, subject }) {
  const id = about?.id || subject;
  return [id ? `#${id}` : "", about?.title].filter(Boolean).join(" ") || "–";
}
