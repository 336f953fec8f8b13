// The pure functions of the console, by Node's own test runner.
import assert from "node:assert/strict";
import test from "node:test";
import { callOf, inputsOf, placedProblems, valuesFrom } from "../../../connector/serving/console/calls.js";
import { candidates, clock, expression, hoursAgo, relative, span, words } from "../../../connector/serving/console/format.js";
import { LANGUAGES } from "../../../connector/serving/console/snippets.js";

const NOTE = {
  id: "AddTicketNote", title: "Add ticket note", group: "Notes", kind: "action", effects: "creates", method: "POST", path: "tickets/{ticketId}/notes", connected: true,
  fields: [{ name: "ticketId", in: "path", title: "Ticket ID", type: "integer", required: true }, { name: "text", title: "Text", type: "string", required: true },
    { name: "board", title: "Board", type: "string", noun: "board" }, { name: "extra", title: "Extra", type: "object" }],
};
const WHERE = { app: "https://app.example/", site: "support.example.com" };

test("spans and moments are written for people", () => {
  assert.deepEqual([38, 1234, 59_000, 540_000, 7_200_000, 172_800_000].map(span), ["38 ms", "1.2 s", "59 s", "9 min", "2 h", "2 days"]);
  const now = new Date("2026-11-30T10:00:00Z");
  assert.equal(relative(new Date(now.getTime() - 180_000), now), "3 min ago");
  assert.equal(relative(new Date(now.getTime() + 540_000), now), "in 9 min");
  assert.match(clock(new Date(now.getTime() - 864_000_000), now), /^\d+ \w+ \d\d:\d\d:\d\d$/);
  assert.equal(words("subscriptionId"), "Subscription id");
});

test("what is no number of hours is no time", () => {
  for (const nothing of ["", undefined, "abc", "-1", "1e99", "Infinity"]) assert.equal(hoursAgo(nothing), "");
  assert.ok(Date.now() - new Date(hoursAgo("2")).getTime() - 7_200_000 < 1000);
});

test("a path becomes an expression of Power Automate", () => {
  assert.equal(expression(["contact"]), "@triggerOutputs()?['body/contact']");
  assert.equal(expression(["data", "tags", 0, "name"]), "@triggerOutputs()?['body/data/tags']?[0]?['name']");
});

test("candidates are the name, or the id where the name is not enough", () => {
  assert.deepEqual(candidates(["Support (id 31)"], "BoardNotFound"), [{ value: "Support", label: "Support (id 31)" }]);
  assert.deepEqual(candidates(["New (id 5)"], "StatusAmbiguous"), [{ value: "5", label: "New (id 5)" }]);
  assert.deepEqual(candidates(["contact:12 Jane Doe"], "PersonAmbiguous"), [{ value: "contact:12", label: "Jane Doe" }]);
});

test("entries become a call, and what is wrong is told by entry", () => {
  assert.deepEqual(callOf(NOTE, { ticketId: "7", text: "Hi", board: "" }), { method: "POST", path: "tickets/7/notes", query: {}, body: { text: "Hi" }, problems: {} });
  assert.deepEqual(Object.keys(callOf(NOTE, { ticketId: "x", extra: "{\n1" }).problems), ["ticketId", "text", "extra"]);
});

test("a lookup waits for what it needs", () => {
  const operations = new Map([["L", { fields: [{ name: "action", required: true }] }]]);
  assert.equal(inputsOf({ operation: "L", needs: { action: "action" } }, {}, operations), null);
  assert.deepEqual(inputsOf({ operation: "L", needs: { action: "action", kind: "=x" } }, { action: "a" }, operations), { action: "a", kind: "x" });
});

test("a failure is placed at the entry that it is about", () => {
  const invalid = { code: "InvalidInput", message: "m", details: ["'text' must be text", "'nothing' is not a field"] };
  assert.deepEqual(Object.keys(placedProblems(invalid, NOTE, {})), ["text", ""]);
  const unknown = { code: "BoardNotFound", message: "No board is called 'Supp'.", details: ["Support (id 31)"] };
  assert.equal(placedProblems(unknown, NOTE, { board: "Supp" }).board.candidates[0].value, "Support");
});

test("an event fills in what has the same name, and the ticket", () => {
  assert.deepEqual(valuesFrom(NOTE, { id: 7, text: "x", board: "Support" }), { ticketId: "7", text: "x" });
});

test("no language writes a key, and each quotes what is entered", () => {
  const { problems, ...call } = callOf(NOTE, { ticketId: "7", text: `it's "$HOME" \\ é` });
  for (const [name, write] of Object.entries(LANGUAGES)) {
    const text = write({ ...NOTE, tool: "add_ticket_note" }, call, WHERE, { ticketId: "7", text: `it's "$HOME" \\ é` });
    assert.ok(text.includes("é"), name);
    if (["Power Automate", "Logic Apps", "MCP"].includes(name)) JSON.parse(text);
  }
  assert.match(LANGUAGES.curl(NOTE, call, WHERE, {}), /-d '\{"text":"it'"'"'s /);
  assert.match(LANGUAGES.Python(NOTE, call, WHERE, {}), /os\.environ\["DD_API_KEY"\]/);
});
