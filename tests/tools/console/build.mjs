// Prints the console's vendored library: preact, its signals and htm as one module, as `vendor/preact.js` holds it.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const PACKAGES = ["preact", "@preact/signals", "@preact/signals-core", "htm", "esbuild"];
const ENTRY = `
export { render } from "preact";
export { useEffect, useErrorBoundary, useId, useMemo, useRef } from "preact/hooks";
export { batch, signal, useSignal } from "@preact/signals";
export { html } from "htm/preact";
`;

const { outputFiles } = await build({
  stdin: { contents: ENTRY, resolveDir: import.meta.dirname },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  write: false,
});
const code = outputFiles[0].text;
const about = PACKAGES.map((name) => {
  const { version, license } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  return name === "esbuild" ? `Made by esbuild ${version}.` : `${name} ${version} (${license})`;
});
const sum = createHash("sha256").update(code).digest("hex");
process.stdout.write(`/* Other people's code: ${about.slice(0, -1).join(", ")}. ${about.at(-1)}
   By Jason Miller and other authors; preact and its signals under the MIT License, htm under the Apache License 2.0 (see LICENSE).
   Command: make tools && (cd tests/tools/console && node build.mjs) > connector/serving/console/vendor/preact.js
   SHA-256 of what follows: ${sum} */
${code}`);
