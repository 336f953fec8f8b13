"""Calls that schemathesis makes up from the OpenAPI document, against the app and the simulator: `make fuzz`."""
