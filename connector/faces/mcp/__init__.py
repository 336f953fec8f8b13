"""The catalog as an MCP server over streamable HTTP: stateless, one JSON answer a POST, written without a library.

server.py      POST /mcp -> its message, or the batch of them -> the answer
protocol.py    JSON-RPC, revisions, error codes, the bytes of an answer
modern.py      what a request of revision 2026-07-28 has to carry in its headers and `_meta`
methods.py     what each method answers
selection.py   which tools a URL offers            tools.py   an operation -> a tool
calls.py       a tool call -> the operation's own answer, twice: as data and as text
definition.py  the connector through which Copilot Studio finds the server
"""
