"""What is wrong with an input, in sentences: pydantic's findings -> a `BadRequest` that a maker can act on."""

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError

from connector.deskdirector.errors import BadRequest

_SHOWN = 3
_NAMED = 10
"""How many problems an answer lists; looking for what was meant takes time, so no more are looked at."""
_SENTENCES = {
    "missing": "{name} is required",
    "string_type": "{name} must be text",
    "string_too_short": "{name} must not be empty",
    "string_too_long": "{name} must be at most {max_length} characters long",
    "string_pattern_mismatch": "{name} has control characters in it; take them out",
    "string_unicode": "{name} has characters that are no valid Unicode; take them out",
    "int_type": "{name} must be a whole number",
    "int_parsing": "{name} must be a whole number",
    "int_parsing_size": "{name} is too large a number",
    "int_from_float": "{name} must be a whole number",
    "float_type": "{name} must be a number",
    "float_parsing": "{name} must be a number",
    "finite_number": "{name} must be an ordinary number",
    "bool_type": "{name} must be true or false",
    "bool_parsing": "{name} must be true or false",
    "list_type": "{name} must be a list",
    "dict_type": "{name} must be an object",
    "model_type": "{name} must be an object",
    "model_attributes_type": "{name} must be an object",
    "greater_than_equal": "{name} must be {ge} or more",
    "less_than_equal": "{name} must be {le} or less",
    "greater_than": "{name} must be more than {gt}",
    "literal_error": "{name} must be one of {expected}",
    "too_long": "{name} must have at most {max_length} entries",
    "too_short": "{name} must not be empty",
}


def complaint(problem: ValidationError, model: type[BaseModel] | None = None) -> BadRequest:
    """One error for all findings. Values are never repeated: a key may have been pasted in the wrong field."""
    errors = problem.errors(include_url=False, include_input=False)
    sentences = [_sentence(error, model) for error in errors[:_NAMED]]
    shown = "; ".join(sentences[:_SHOWN])
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return BadRequest("InvalidInput", f"{shown}{more}.", details=sentences)


def _sentence(error: Any, model: type[BaseModel] | None) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = "'" + ".".join(str(part) for part in error["loc"]) + "'" if error["loc"] else "The body"
    if kind == "json_invalid":
        return f"The body is not valid JSON ({context.get('error', 'unreadable')})"
    if kind == "extra_forbidden":
        return f"{name} is not a field of this operation{_suggestion(str(error['loc'][-1]), model)}"
    if kind == "value_error":
        return f"{name} is not understood: {context.get('error', 'check its form')}"
    template = _SENTENCES.get(kind)
    return template.format(name=name, **context) if template else f"{name}: {error['msg']}"


def _suggestion(name: str, model: type[BaseModel] | None) -> str:
    names = [str(info.alias or key) for key, info in model.model_fields.items()] if model else []
    if name in names:
        return "'s address; give it in the body"
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"; perhaps '{close[0]}' is meant" if close else (f"; it takes {', '.join(names)}" if names else "")
