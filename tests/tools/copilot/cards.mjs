// Fills in adaptive cards and has Microsoft's renderer read them. Takes a file of [{card, data}], prints for each
// {filled, complaints}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { Template } = require("adaptivecards-templating");
const { AdaptiveCard, SerializationContext } = require("adaptivecards/dist/adaptivecards.js");

const results = JSON.parse(readFileSync(process.argv[2], "utf8")).map(({ card, data }) => {
  const filled = new Template(card).expand({ $root: data });
  const context = new SerializationContext();
  const parsed = new AdaptiveCard();
  parsed.parse(filled, context);
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  return { filled, complaints: [...events, ...parsed.validateProperties().validationEvents.map((event) => event.message)] };
});
console.log(JSON.stringify(results));
