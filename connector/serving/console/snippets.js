/* A call in the words of each tool. Keys are never written: `$DD_API_KEY` and the like stand for them. */


const API = "shared_deskdirector";

/** For a shell. */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`);

function address({ path, query }, { app }) {
  const given = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString();
  return `${app}api/${path}${given ? `?${given}` : ""}`;
}

function curl(operation, call, where) {
  const method = call.method === (call.body ? "POST" : "GET") ? [] : ["-X", call.method];
  const lines = [["curl", "-s", ...method, quoted(address(call, where))].join(" ")];
  if (operation.connected) lines.push(`-H ${quoted(`dd-host: ${where.site}`)}`, '-H "dd-api-key: $DD_API_KEY"');
  if (call.body) lines.push("-H 'content-type: application/json'", `-d ${quoted(JSON.stringify(call.body))}`);
  return lines.join(" \\\n  ");
}

const step = (operation) => operation.title.replace(/[^\w ]/g, "").replaceAll(" ", "_");

/** The action as Power Automate's code view has it. */
function powerAutomate(operation, call, where, entered) {
  const parameters = {};
  for (const { name, in: at } of operation.fields ?? []) {
    const value = at === "path" ? entered[name] : at === "query" ? call.query[name] : call.body?.[name];
    if (value !== undefined && value !== "") flatten(at ? name : `body/${name}`, value, parameters);
  }
  const action = {
    type: "OpenApiConnection",
    inputs: {
      host: { connectionName: API, operationId: operation.id, apiId: `/providers/Microsoft.PowerApps/apis/${API}` },
      parameters,
      authentication: "@parameters('$authentication')",
    },
    runAfter: {},
  };
  return JSON.stringify({ [step(operation)]: action }, null, 2);
}

function flatten(name, value, into) {
  if (value && typeof value === "object" && !Array.isArray(value)) {
    for (const [inner, one] of Object.entries(value)) flatten(`${name}/${inner}`, one, into);
  } else into[name] = value;
}

function logicApps(operation, call) {
  const inputs = {
    host: { connection: { name: "@parameters('$connections')['deskdirector']['connectionId']" } },
    method: call.method.toLowerCase(),
    path: `/${call.path}`,
    ...(Object.keys(call.query).length ? { queries: call.query } : {}),
    ...(call.body ? { body: call.body } : {}),
  };
  return JSON.stringify({ [step(operation)]: { type: "ApiConnection", inputs, runAfter: {} } }, null, 2);
}

function mcp(operation, call, where, entered) {
  const inputs = { ...inPath(operation, entered), ...call.query, ...call.body };
  delete inputs.idempotencyKey;
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: operation.tool, arguments: inputs } }, null, 2);
}

function inPath(operation, entered) {
  const named = (operation.fields ?? []).filter((field) => field.in === "path" && entered[field.name] !== undefined);
  return Object.fromEntries(named.map((field) => [field.name, field.type === "integer" ? Number(entered[field.name]) : entered[field.name]]));
}

/** As Python writes it. */
function literal(value, margin = "") {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (typeof value !== "object") return JSON.stringify(value);
  const deeper = `${margin}    `;
  const [open, close, inside] = Array.isArray(value)
    ? ["[", "]", value.map((one) => literal(one, deeper))]
    : ["{", "}", Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one, deeper)}`)];
  return inside.length ? `${open}\n${inside.map((one) => `${deeper}${one},\n`).join("")}${margin}${close}` : open + close;
}

function python(operation, call, where) {
  const headers = operation.connected ? `{"dd-host": ${JSON.stringify(where.site)}, "dd-api-key": os.environ["DD_API_KEY"]}` : "{}";
  const body = call.body ? `\n    json=${literal(call.body, "    ")},` : "";
  return `import os

import httpx

response = httpx.request(
    ${JSON.stringify(call.method)},
    ${JSON.stringify(address(call, where))},
    headers=${headers},${body}
    timeout=100,
)
response.raise_for_status()
print(response.${operation.method === "DELETE" ? "status_code" : "json()"})
`;
}

/** What a call can be copied as. */
export const LANGUAGES = { curl, "Power Automate": powerAutomate, "Logic Apps": logicApps, MCP: mcp, Python: python };

/** The ways that it can be called. */
export const languagesOf = (operation) => Object.keys(LANGUAGES).filter((name) => name !== "MCP" || operation.tool);
