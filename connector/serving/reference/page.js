/* The reference page: Swagger UI over our own OpenAPI file, with one connection for every operation. */
"use strict";

const HEADERS = { siteHost: "dd-host", apiKey: "dd-api-key", functionKey: "x-functions-key" };
const STAND_INS = { "dd-host": "SITE-HOST", "dd-api-key": "API-KEY" };
const SITE_PARAMETER = "#/components/parameters/SiteHost";
const METHODS = ["get", "put", "post", "patch", "delete"];

const form = document.getElementById("connection");
const state = document.getElementById("state");

/* The connection lives in this page's memory: gone when it is reloaded, never sent anywhere but to this app. */
let held = {};

function connectionHeaders() {
  return Object.fromEntries(
    Object.entries(HEADERS).filter(([name]) => held[name]).map(([name, header]) => [header, held[name]]),
  );
}

function tell(kind, sentence) {
  state.className = kind;
  state.textContent = sentence;
}

async function connect() {
  tell("", "Connecting …");
  try {
    const response = await fetch("connection/test", { headers: connectionHeaders() });
    const answer = await response.json();
    if (response.ok) tell("good", `Connected to ${answer.site}.`);
    else tell("bad", answer.message);
  } catch {
    tell("bad", "The app did not answer. If it asks for a function key, give it as well.");
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  held = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  connect();
});

document.getElementById("forget").addEventListener("click", () => {
  held = {};
  form.reset();
  tell("", "Forgotten.");
});

/* The site host is entered above, so no operation has to ask for it; calls go to wherever this page came from. */
function prepared(spec) {
  for (const item of Object.values(spec.paths)) {
    for (const method of METHODS.filter((one) => one in item)) {
      const parameters = item[method].parameters ?? [];
      item[method].parameters = parameters.filter((one) => one.$ref !== SITE_PARAMETER);
    }
  }
  spec.servers = [{ url: new URL(".", location.href).href.replace(/\/$/, "") }];
  return spec;
}

/* Find an operation by the words of its path, title, id or group. */
function matching(operations, phrase) {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  return operations
    .map((group, name) =>
      group.update("operations", (inside) =>
        inside.filter((one) => {
          const operation = one.get("operation");
          const text = [name, one.get("path"), operation.get("operationId"), operation.get("summary")];
          const searched = text.join(" ").toLowerCase();
          return words.every((word) => searched.includes(word));
        }),
      ),
    )
    .filter((group) => group.get("operations").size > 0);
}

/* The call as a command line, with stand-ins: a key must not stand on a page. */
function withStandIns(request) {
  return request.update("headers", (headers) => headers?.merge(STAND_INS) ?? headers);
}

const Nothing = () => () => null;

const ourPlugin = () => ({
  fn: { opsFilter: matching },
  wrapComponents: {
    authorizeBtn: Nothing,
    authorizeOperationBtn: Nothing,
    ServersContainer: Nothing,
    FilterContainer: Nothing,
    InfoUrl: Nothing,
    curl: (Curl, { React }) => (props) => React.createElement(Curl, { ...props, request: withStandIns(props.request) }),
  },
});

async function show() {
  const spec = prepared(await (await fetch("openapi.json")).json());
  document.title = `${spec.info.title}: reference`;
  document.getElementById("title").textContent = spec.info.title;
  document.getElementById("version").textContent = spec.info.version;
  const viewer = SwaggerUIBundle({
    spec,
    dom_id: "#reference",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: -1,
    showMutatedRequest: false,
    validatorUrl: null,
    plugins: [ourPlugin],
    requestInterceptor: (request) => {
      Object.assign(request.headers, connectionHeaders());
      return request;
    },
  });
  const groups = spec.tags.map((tag) => tag.name);
  const open = (wanted) => groups.forEach((name) => viewer.layoutActions.show(["operations-tag", name], wanted(name)));
  open((name) => name === groups[0]);
  document.getElementById("search").addEventListener("input", (event) => {
    const phrase = event.target.value;
    viewer.layoutActions.updateFilter(phrase || true);
    open((name) => Boolean(phrase) || name === groups[0]);
  });
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", shade);
shade();

show().catch(() => tell("bad", "The OpenAPI file could not be read; reload the page."));
