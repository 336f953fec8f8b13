/* Calls of the app, and the keys they need. The keys live in this module only: gone on reload, never stored. */
import { signal } from "./preact.js";


const BASE = new URL("../../", import.meta.url);
const IDLE_MINUTES = 30;
const NO_KEYS = Object.freeze({ site: "", apiKey: "", functionKey: "", consoleKey: "" });

let keys = NO_KEYS;
let idle = 0;

/** Who is connected, without any key. `role` is empty when events may not be seen. */
export const connection = signal(null);

/** Whether what is seen may be changed. */
export const mayWrite = () => connection.value?.role === "operator";

/** A failure as the app tells it. */
export class Failure extends Error {
  constructor(status, answer) {
    const told = answer && typeof answer === "object" ? answer : {};
    super(told.message || told.error?.message || unexplained(status));
    this.status = status;
    this.code = told.error?.code ?? "";
    this.details = Array.isArray(told.error?.details) ? told.error.details.map(String) : [];
    this.requestId = told.requestId ?? "";
    this.answer = answer;
  }
}

function unexplained(status) {
  if (status === 0) return "The app did not answer. Is it running, and can this browser reach it?";
  if (status === 401) return "The app asks for a key that was not given, or that is wrong.";
  return `The app answered ${status} without saying why.`;
}

export function use(given) {
  keys = { ...NO_KEYS, ...given };
  touched();
}

/** Drop the keys and everything that came with them. */
export function forget() {
  keys = NO_KEYS;
  kept.clear();
  clearTimeout(idle);
  connection.value = null;
}

/** Keys that nobody uses for half an hour are forgotten; those of a simulator are no secret. */
export function touched() {
  clearTimeout(idle);
  if (!connection.value?.simulated) idle = setTimeout(forget, IDLE_MINUTES * 60_000);
}

const site = () => headersOf({ "dd-host": keys.site, "dd-api-key": keys.apiKey, "x-functions-key": keys.functionKey });
const console_ = () => headersOf({ "x-console-key": keys.consoleKey });

const headersOf = (given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value));

function address(path, query = {}) {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, String(value));
  }
  return url;
}

/** One exchange. */
export async function exchange(path, { method = "GET", query, body, headers = {} } = {}) {
  const began = performance.now();
  const init = { method, headers: { ...headers }, cache: "no-store", referrerPolicy: "no-referrer", credentials: "omit" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...headers, "content-type": "application/json" };
  }
  let response;
  try {
    response = await fetch(address(path, query), init);
  } catch {
    return { status: 0, ok: false, answer: null, text: "", headers: new Headers(), ms: performance.now() - began };
  }
  const text = response.status === 304 ? "" : await response.text().catch(() => "");
  return { status: response.status, ok: response.ok, answer: parsed(text), text, headers: response.headers, ms: performance.now() - began };
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return text;
  }
}

async function answerOf(path, options) {
  const { ok, status, answer } = await exchange(path, options);
  if (!ok) throw new Failure(status, answer);
  return ours(status, answer);
}

/** Every answer of the app is an object; a proxy in between may put a page of its own in its place. */
function ours(status, answer) {
  const isObject = answer !== null && typeof answer === "object" && !Array.isArray(answer);
  if (isObject || status === 204) return answer;
  throw new Failure(status, { message: "Something else than the app's data was answered; is a proxy in between, or has a sign-in run out?" });
}

/** What was answered last to a GET, with its tag: the same again costs no body. */
const kept = new Map();

/** A call of the operator's API. */
export async function operate(path, options = {}) {
  const url = `api/console/${path}`;
  if (options.method && options.method !== "GET") {
    return answerOf(url, { ...options, headers: { ...console_(), ...(options.headers ?? {}) } });
  }
  const name = address(url, options.query).href;
  const before = kept.get(name);
  const headers = { ...console_(), ...(before ? { "if-none-match": before.tag } : {}) };
  const { ok, status, answer, headers: got } = await exchange(url, { ...options, headers });
  if (status === 304 && before) return before.answer;
  if (!ok) throw new Failure(status, answer);
  ours(status, answer);
  if (kept.size > 60) kept.clear();
  if (got.get("etag")) kept.set(name, { tag: got.get("etag") ?? "", answer });
  return answer;
}

/** The checks of the site, a part at a time: this call has both kinds of keys. */
export const examine = (body) => operate("doctor", { method: "POST", body, headers: site() });

/** A call of an operation, as it is: status, headers, time. */
export const run = (path, options = {}) => exchange(`api/${path}`, { ...options, headers: { ...site(), ...(options.headers ?? {}) } });

/** A call of an operation whose answer is all that matters. */
export const ask = (path, options = {}) => answerOf(`api/${path}`, { ...options, headers: { ...site(), ...(options.headers ?? {}) } });

/** A call of the simulator or of its flows; there only on a laptop. */
export const local = (path, body, method = body === undefined ? "GET" : "POST") =>
  answerOf(`console/local/${path}`, { method, body });

const isLoopback = () => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname);

/** Connect by itself where a simulator runs on this machine. */
export async function connectLocally() {
  if (!isLoopback()) return false;
  const { ok, answer } = await exchange("console/local.json");
  if (!ok || !answer?.simulator) return false;
  use({ site: answer.site, apiKey: answer.apiKeys?.tokity ?? answer.apiKeys?.psa, consoleKey: answer.consoleKey });
  connection.value = { site: answer.site, role: "operator", simulated: true, flows: Boolean(answer.flows) };
  touched();
  return true;
}

/** The catalog: the same for everyone, so it may be kept. */
export async function catalog() {
  const response = await fetch(new URL("catalog.json", import.meta.url));
  if (!response.ok) throw new Failure(response.status, null);
  return response.json();
}
