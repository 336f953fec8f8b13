"""What `python -m workbench check` and `python -m workbench diff` run: our own rules, where Microsoft's are closed.

- `power_platform.check_power_platform(folder)`: a connector package; `check_definition` and `check_properties` for one
  document of it;
- `copilot.check_copilot(folder)`: a Microsoft 365 Copilot package; `check_openapi` and `check_foundry_openapi` for one
  document of it;
- `mcp_tools.check_mcp_tools(tools)`: the tools of an MCP server;
- `certification_zip.check_certification_zip(path)`: the zip that is uploaded for certification; `package` runs it;
- `json_schema.schema_errors(document, schema)`: a document against one of Microsoft's own JSON schemas;
- `diff.changes_between(old, new)`: what breaks from one version of a connector to the next;
- `finding`: how findings are printed (`to_text`, `to_json`) and what a command exits with (`exit_code`).

A rule is one generator in a rulebook (`rules`); its docstring is the remedy that people read.
"""
