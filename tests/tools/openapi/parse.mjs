// Parses and validates each OpenAPI or swagger file with @apidevtools/swagger-parser; prints the complaints by file.
import { readFileSync } from "node:fs";
import SwaggerParser from "@apidevtools/swagger-parser";

const complaints = {};
for (const file of process.argv.slice(2)) {
  try {
    await SwaggerParser.validate(JSON.parse(readFileSync(file, "utf8")));
  } catch (problem) {
    complaints[file] = String(problem.message);
  }
}
console.log(JSON.stringify(complaints));
