"""Tokens as o200k counts them: what OpenAI's models read. Other vendors' counts differ by a tenth or so."""

from functools import lru_cache
from typing import Any

from connector.serving.mcp.selection import Selection


@lru_cache(maxsize=1)
def _encoding() -> Any:
    import bpe_openai  # reads its ranks on import, for more than a second

    return bpe_openai.get_encoding("o200k_base")


def tokens_of(text: str | bytes) -> int:
    """How many tokens a text has."""
    return len(_encoding().encode(text if isinstance(text, str) else text.decode(errors="replace")))


def tokens_of_list(selection: Selection) -> int:
    """How many tokens the tools of a selection have as they go over the wire."""
    return tokens_of(b"{%b}" % selection.listing)


def tokens_of_result(result: dict[str, Any]) -> int:
    """How many tokens a model reads of a tool's result: one of its two copies."""
    return tokens_of("".join(content.get("text", "") for content in result["content"]))
