// Imports an OpenAPI file as Postman and Bruno do. Prints for each name given the request of that name in each collection,
// as it would be sent: {method, url, headers, body}, with the variables {{siteHost}} and {{apiKey}} left in.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const postman = require("openapi-to-postmanv2");
const bruno = require("@usebruno/converters");

const [file, ...names] = process.argv.slice(2);
const text = readFileSync(file, "utf8");

function find(items, name, children) {
  for (const item of items) {
    if (item.name === name && item.request) return item.request;
    const found = item[children] && find(item[children], name, children);
    if (found) return found;
  }
  return undefined;
}

const pairs = (entries, name = "key") => Object.fromEntries(entries.map((entry) => [entry[name], entry.value]));

function fill(url, values, variables) {
  const based = url.replace("{{baseUrl}}", variables.baseUrl);
  return based.replace(/:(\w+)/g, (whole, key) => (key in values ? encodeURIComponent(values[key]) : whole));
}

async function inPostman() {
  const options = { parametersResolution: "Example", folderStrategy: "Tags" };
  const result = await new Promise((resolve, reject) =>
    postman.convertV2({ type: "string", data: text }, options, (problem, done) => (problem ? reject(problem) : resolve(done))),
  );
  if (!result.result) throw new Error(result.reason);
  const collection = result.output[0].data;
  const auth = pairs(collection.auth.apikey);
  return (name) => {
    const { method, url, header, body } = find(collection.item, name, "item");
    return {
      method,
      url: fill([...url.host, ...url.path].join("/"), pairs(url.variable), pairs(collection.variable)),
      headers: { ...pairs(header), [auth.key]: auth.value },
      body: body?.raw ?? "",
    };
  };
}

async function inBruno() {
  const collection = await bruno.openApiToBruno(JSON.parse(text));
  const auth = collection.root.request.auth.apikey;
  const variables = pairs(collection.environments[0].variables, "name");
  return (name) => {
    const { method, url, headers, params, body } = find(collection.items, name, "items");
    const kind = body.json ? { "Content-Type": "application/json" } : {};
    return {
      method,
      url: fill(url, pairs(params, "name"), variables),
      headers: { ...pairs(headers, "name"), [auth.key]: auth.value, ...kind },
      body: body.json ?? "",
    };
  };
}

const collections = [await inPostman(), await inBruno()];
console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, collections.map((request) => request(name))]))));
