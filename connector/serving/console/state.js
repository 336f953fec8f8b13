/* What every screen shares: the place in the address, the time, what is announced, and how data is read again. */
import { signal, useEffect, useRef, useSignal } from "./preact.js";
import { Failure } from "./api.js";


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

function read() {
  const [path, query] = location.hash.slice(1).split("?");
  const [screen, ...rest] = path.split("/");
  return { screen, id: decoded(rest.join("/")), filters: Object.fromEntries(new URLSearchParams(query)) };
}

/** What a person typed may be no address at all. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a place. */
export function link(screen, id = "", filters = {}) {
  const given = Object.entries(filters).filter(([, value]) => value);
  const query = new URLSearchParams(given).toString();
  return `#${screen}${id ? `/${encodeURIComponent(id)}` : ""}${query ? `?${query}` : ""}`;
}

export function go(screen, id, filters) {
  location.hash = link(screen, id, filters);
}

/** Change filters in place, without a step in the history. */
export function narrow(filters) {
  const { screen, id } = place.value;
  history.replaceState(null, "", link(screen, id, filters));
  place.value = read();
}

addEventListener("hashchange", () => (place.value = read()));
setInterval(() => document.hidden || (now.value = new Date()), 1000);

export function tell(text) {
  toast.value = text;
  said.value = text;
  setTimeout(() => toast.value === text && (toast.value = ""), 2500);
}

/** Do something and tell how it went; null when it failed. */
export async function attempt(work, done) {
  try {
    const answer = await work();
    if (done) tell(done);
    return answer;
  } catch (problem) {
    tell(problem.message);
    return null;
  }
}

export async function copy(text, what = "Copied") {
  try {
    await navigator.clipboard.writeText(text);
    tell(what);
  } catch {
    tell("The browser did not let it be copied.");
  }
}

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

/** Calls `step` at once and then every `seconds()` while things are followed, less often while it fails. `step` gets whether it
 * is over meanwhile. Gives what calls it now and what ends it. */
export function polling(step, seconds) {
  let gone = false, timer = 0, failures = 0;
  const run = async () => {
    clearTimeout(timer);
    failures = (await step(() => gone).then(() => false, () => true)) ? failures + 1 : 0;
    if (!gone && seconds()) timer = setTimeout(next, 1000 * Math.min(seconds() * (1 + failures), 30));
  };
  const next = () => {
    const asleep = document.hidden && Date.now() - hiddenAt > HIDDEN_FOR;
    if (live.value && !asleep) run();
    else timer = setTimeout(next, 1000);
  };
  run();
  return { now: run, end: () => ((gone = true), clearTimeout(timer)) };
}

/** Data that is read at once and then every `seconds`. What was read stays while a later reading fails.
 * It is read again when one of `inputs` changes; 0 seconds: only then. */
export function useData(load, inputs, seconds = 0) {
  const data = useSignal(null), error = useSignal(null), at = useSignal(null);
  const poll = useRef(null);
  useEffect(() => {
    poll.current = polling(async (over) => {
      try {
        const got = await load();
        if (!over()) [data.value, error.value, at.value] = [got, null, new Date()];
      } catch (problem) {
        if (!over()) error.value = problem instanceof Failure ? problem : new Failure(0, { message: String(problem) });
        throw problem;
      }
    }, () => seconds);
    return poll.current.end;
  }, inputs);
  return { data, error, at, again: () => poll.current?.now() };
}
