"""Calls made up from the OpenAPI document, against app and simulator, and bytes for every parser: `make fuzz`."""
