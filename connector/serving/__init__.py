"""Serves the catalog: HTTP functions, MCP, relay functions, administration routes."""
