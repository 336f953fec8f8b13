"""The problems of inputs as one error of bounded size: sentences that a maker can act on, values never repeated."""

import difflib
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from pydantic import ValidationError

from connector.deskdirector.errors import BadRequest

MOST_NAMED = 10
_LONGEST = 200
_LONGEST_NAME = 60
_LONGEST_MESSAGE = 1200
_NAMES_SHOWN = 12
_SENTENCES = {
    "missing": "{name} is required",
    "string_type": "{name} must be text",
    "string_too_short": "{name} must not be empty",
    "string_too_long": "{name} must be at most {max_length} characters long",
    "int_type": "{name} must be a whole number",
    "float_type": "{name} must be a number",
    "finite_number": "{name} must be an ordinary number",
    "bool_type": "{name} must be true or false",
    "list_type": "{name} must be a list",
    "dict_type": "{name} must be an object",
    "greater_than_equal": "{name} must be {ge} or more",
    "less_than_equal": "{name} must be {le} or less",
    "greater_than": "{name} must be more than {gt}",
    "literal_error": "{name} must be one of {expected}",
    "too_long": "{name} must have at most {max_length} entries",
    "too_short": "{name} must not be empty",
}


class Problems(BadRequest):
    """The error for inputs that cannot be taken: at most ten `sentences`, of `count` problems."""

    def __init__(self, sentences: Sequence[str], count: int) -> None:
        details = tuple(shortened(sentence, _LONGEST) for sentence in sentences[:MOST_NAMED])
        lengths = accumulate(len(detail) + 2 for detail in details)
        named = [detail for detail, length in zip(details, lengths, strict=True) if length <= _LONGEST_MESSAGE]
        rest = f"; and {count - len(named)} more" if count > len(named) else ""
        super().__init__("InvalidInput", f"{'; '.join(named)}{rest}.", details=details)
        self.count = count

    def joined(self, others: Sequence["Problems"]) -> "Problems":
        """The problems of several parts of one call."""
        everything = [self, *others]
        sentences = [sentence for part in everything for sentence in part.details]
        return Problems(sentences, sum(part.count for part in everything))


def refusal(
    names: Sequence[str],
    *,
    elsewhere: Mapping[str, str],
    unreadable: Mapping[str, str],
    unknown: Sequence[str],
    error: ValidationError | None,
) -> Problems:
    """The error for inputs of an operation that takes `names`; `elsewhere` has those of another place, each with it.

    `unreadable`: half sentences by place (`'tags.2'`); `unknown`: names that the operation has no field for.
    """
    sentences = [f"'{place}' {remedy}" for place, remedy in list(unreadable.items())[:MOST_NAMED]]
    read = {place.partition(".")[0] for place in unreadable}
    errors = error.errors(include_url=False, include_input=False) if error else []
    more = [problem for problem in errors if not problem["loc"] or problem["loc"][0] not in read]
    sentences += [_sentence(problem) for problem in more[: MOST_NAMED - len(sentences)]]
    sentences += [_unknown(name, names, elsewhere) for name in unknown[: MOST_NAMED - len(sentences)]]
    return Problems(sentences, len(unreadable) + len(more) + len(unknown))


def shortened(text: str, longest: int) -> str:
    """`text`, cut when it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _sentence(problem: Any) -> str:
    name = "'" + ".".join(str(part)[:_LONGEST_NAME] for part in problem["loc"]) + "'" if problem["loc"] else "The input"
    if problem["type"] == "value_error":
        return f"{name} is not understood: {problem.get('ctx', {}).get('error', 'check its form')}"
    template = _SENTENCES.get(problem["type"])
    return template.format(name=name, **problem.get("ctx", {})) if template else f"{name}: {problem['msg']}"


def _unknown(name: str, names: Sequence[str], elsewhere: Mapping[str, str]) -> str:
    shown = shortened(name, _LONGEST_NAME)
    if elsewhere.get(name):
        return f"'{shown}' is not taken here; give it in {elsewhere[name]}"
    folded = {known.lower(): known for known in (*elsewhere, *names)}
    close = difflib.get_close_matches(name[:_LONGEST_NAME].lower(), folded, n=1, cutoff=0.6)
    start = f"'{shown}' is not a field of this operation"
    if close:
        return f"{start}; perhaps '{folded[close[0]]}' is meant"
    more = " …" if len(names) > _NAMES_SHOWN else ""
    return f"{start}; it takes {', '.join(names[:_NAMES_SHOWN])}{more}" if names else start
