"""The catalog as an MCP server over streamable HTTP: stateless, one JSON answer a POST, written without a library.

- `server`: `POST /mcp` -> its message, or the batch of them -> the answer
- `protocol`: JSON-RPC, revisions, error codes, the bytes of an answer
- `modern`: what a request of revision 2026-07-28 has to carry in its headers and `_meta`
- `methods`: what each method answers
- `selection`: which tools a URL offers
- `tools`: an operation -> a tool
- `calls`: a tool call -> the operation's own answer, twice: as data and as text
- `definition`: the connectors through which Copilot Studio finds the server
"""
