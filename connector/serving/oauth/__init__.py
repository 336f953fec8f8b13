"""OAuth 2.1 for MCP clients that take nothing else: an authorization server of our own, off unless a setting says so.

A person enters site host and API key once, on our page; the client gets tokens that hold them sealed. Nothing of a key
is kept here but for the minute in which a code waits; the store only knows which codes and tokens were used or revoked.

- `routes`: the HTTP functions, and the MCP server behind its gate
- `metadata`: where everything is (RFC 9728, RFC 8414)
- `clients`, `client_documents`, `redirects`: who may ask, and where answers may go (RFC 7591, client id metadata)
- `authorize`, `page`: the page where a person agrees
- `token_endpoint`, `grants`, `sealed`: codes, tokens, rotation, revocation (RFC 6749, 7009, 7636)
- `gate`: a token on /mcp becomes a connection; without any credential, the challenge

Sources: the MCP specification's authorization chapters of 2025-03-26 to 2026-07-28, OAuth 2.1, RFC 9700.
"""
