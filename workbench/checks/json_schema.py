"""Validating a generated file against one of Microsoft's JSON schemas, in spite of mistakes in the schemas.

Two things are: the plugin schemas declare draft-04 while they use keywords of draft-07 (a validator chosen by `$schema`
ignores those silently), and the connector schemas do not know everything that certified connectors use.
"""

import json
from pathlib import Path
from typing import Any

from workbench.checks.json_reading import mapping, names, nodes, pointer, text

# Used by certified connectors and read by the platform, yet missing from Microsoft's connector schemas of June 2026.
STALE_KEYS = names(
    "x-ms-require-user-confirmation x-ms-agentic-protocol x-ms-openai-manifest x-ms-openai-data "
    "connectionParameterSets scriptOperations"
)
STALE_TEMPLATES = names("setconnectionstatustounauthenticated")

_DRAFT_7_KEYWORDS = names("const if propertyNames $defs")


def schema_errors(document: Any, schema_path: Path) -> list[str]:
    """What the schema objects to in a document, one line each: the JSON pointer and the objection.

    Raises `OSError` or `ValueError` when the schema cannot be read.
    """
    from jsonschema import Draft4Validator, Draft7Validator  # type: ignore[import-untyped, unused-ignore]

    schema = json.loads(schema_path.read_text("utf-8"))
    modern = "draft-04" not in text(schema.get("$schema")) or _uses_draft_7(schema)
    for key in ("id", "$id", "$schema"):  # `id` is where it will be published, and nothing there can be fetched
        schema.pop(key, None)
    validator = (Draft7Validator if modern else Draft4Validator)(schema)
    errors = sorted(validator.iter_errors(_known_part(document)), key=lambda error: list(map(str, error.absolute_path)))
    return [f"{pointer(*error.absolute_path)}: {error.message[:300]}" for error in errors]


def _uses_draft_7(schema: Any) -> bool:
    return any(_DRAFT_7_KEYWORDS & mapping(node).keys() for _, node in nodes(schema))


def _known_part(document: Any) -> Any:
    """The document without what the schemas are too old for."""
    if isinstance(document, dict):
        return {key: _known_part(value) for key, value in document.items() if key not in STALE_KEYS}
    if isinstance(document, list):
        return [_known_part(entry) for entry in document if not _is_stale_policy(entry)]
    return document


def _is_stale_policy(entry: Any) -> bool:
    return text(mapping(entry).get("templateId")).lower() in STALE_TEMPLATES
