// Validates the manifests of a Copilot package with Microsoft's @microsoft/app-manifest; prints the complaints by file.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { AppManifestUtils } = createRequire(import.meta.url)("@microsoft/app-manifest");
const [folder] = process.argv.slice(2);
const complaints = {};

async function check(read, file) {
  try {
    const [, found] = await read.call(AppManifestUtils, join(folder, file));
    complaints[file] = found;
  } catch (problem) {
    complaints[file] = [String(problem.message)];
  }
}

await check(AppManifestUtils.readAndValidateTeamsManifest, "manifest.json");
await check(AppManifestUtils.readAndValidateDeclarativeAgentManifest, "declarativeAgent.json");
for (const file of readdirSync(folder).filter((name) => name.startsWith("ai-plugin"))) {
  await check(AppManifestUtils.readAndValidateApiPluginManifest, file);
}
console.log(JSON.stringify(complaints));
