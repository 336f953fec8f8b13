"""Recipe 15: ask the desk."""

from workbench.generators.recipes.model import Recipe

RECIPE = Recipe(
    number=15,
    title="Ask the desk",
    value="“What is open for Acme? Tell Jane that we are on it.” In Copilot Studio, Claude, VS Code or Microsoft 365.",
    state="proven",
    flows=(),
    platforms=("Copilot Studio", "MCP", "Microsoft 365 Copilot"),
    edge_cases=(
        "The connection's key speaks for everybody: give most people the read-only address.",
        "Tell the agent to always name the ticket's number, and to ask before it writes to a customer.",
        "Long lists: ask for few fields.",
    ),
    body="""\
1. Add the MCP server `https://YOUR-APP.azurewebsites.net/mcp` (or `/mcp/readonly`), with the headers `dd-host` and
   `dd-api-key`; [mcp.md](../mcp.md) has it for each client.
2. Ask: “What is open for Acme?” The model calls `findTickets` with the company and `isClosed: false`.
3. Ask: “What was said last on 11500?” It calls `listTicketNotes`.
4. Say: “Tell Jane that we are on it.” After your consent it calls `addTicketNote`, public, on that ticket.

Microsoft 365 Copilot: upload the agent package ([copilot.md](../copilot.md)).
""",
)
