/* What every screen shares: the place in the address, the time, what is announced, and how data is read again. */
import { signal, useEffect, useMemo, useSignal } from "./preact.js";
import { Failure } from "./api.js";

/** @typedef {{screen: string, id: string, filters: Record<string, string>}} Place */

/** Where one is. Only screens, ids and filters stand in the address: it may be shared. */
export const place = signal(read());

/** The present, which steps every second while the page is seen. */
export const now = signal(new Date());

/** Whether lists follow by themselves. */
export const live = signal(true);

/** Whether single letters are commands. */
export const letters = signal(true);

/** What a screen reader says next. */
export const said = signal("");

/** A short word at the edge of the page: copied, replayed … */
export const toast = signal("");

/** @returns {Place} */
function read() {
  const [path, query] = location.hash.slice(1).split("?");
  const [screen, ...rest] = path.split("/");
  return { screen, id: decoded(rest.join("/")), filters: Object.fromEntries(new URLSearchParams(query)) };
}

/** What a person typed may be no address at all. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a place. @param {string} screen @param {string} [id] @param {Record<string, string | undefined>} [filters] */
export function link(screen, id = "", filters = {}) {
  const given = Object.entries(filters).filter(([, value]) => value);
  const query = new URLSearchParams(/** @type {any} */ (given)).toString();
  return `#${screen}${id ? `/${encodeURIComponent(id)}` : ""}${query ? `?${query}` : ""}`;
}

/** @param {string} screen @param {string} [id] @param {Record<string, string | undefined>} [filters] */
export function go(screen, id, filters) {
  location.hash = link(screen, id, filters);
}

/** Change filters in place, without a step in the history. @param {Record<string, string | undefined>} filters */
export function narrow(filters) {
  const { screen, id } = place.value;
  history.replaceState(null, "", link(screen, id, filters));
  place.value = read();
}

addEventListener("hashchange", () => (place.value = read()));
setInterval(() => document.hidden || (now.value = new Date()), 1000);

/** @param {string} text */
export function tell(text) {
  toast.value = text;
  said.value = text;
  setTimeout(() => toast.value === text && (toast.value = ""), 2500);
}

/** @param {string} text @param {string} [what] */
export async function copy(text, what = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
    tell(what);
  } catch {
    tell("The browser did not let it be copied.");
  }
}

/** @param {string} name @param {unknown} content */
export function download(name, content) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

const HIDDEN_FOR = 600_000;
let hiddenAt = 0;
addEventListener("visibilitychange", () => (hiddenAt = document.hidden ? Date.now() : 0));

/** Data that is read at once and then every `seconds`. What was read stays while a later reading fails.
 * @template T
 * @param {() => Promise<T>} load @param {unknown[]} inputs Read again when one changes. @param {number} [seconds] 0: once.
 */
export function useData(load, inputs, seconds = 0) {
  const data = useSignal(/** @type {T | null} */ (null));
  const error = useSignal(/** @type {Failure | null} */ (null));
  const at = useSignal(/** @type {Date | null} */ (null));
  const loading = useSignal(true);
  const again = useMemo(() => ({ now: () => {} }), []);
  useEffect(() => {
    let gone = false, timer = 0, failures = 0;
    const reading = async () => {
      clearTimeout(timer);
      try {
        const got = await load();
        if (gone) return;
        data.value = got;
        error.value = null;
        at.value = new Date();
        failures = 0;
      } catch (problem) {
        if (gone) return;
        error.value = problem instanceof Failure ? problem : new Failure(0, { message: String(problem) });
        failures += 1;
      }
      loading.value = false;
      if (seconds) timer = setTimeout(next, 1000 * Math.min(seconds * (1 + failures), 30));
    };
    const next = () => {
      const asleep = document.hidden && Date.now() - hiddenAt > HIDDEN_FOR;
      if (live.value && !asleep) reading();
      else timer = setTimeout(next, 1000);
    };
    loading.value = true;
    again.now = reading;
    reading();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, inputs);
  return { data, error, at, loading, again: () => again.now() };
}
