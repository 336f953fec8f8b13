"""A Microsoft 365 Copilot package."""
