"""How many tokens an answer takes of a model's context: an estimate that errs on the high side.

A tokenizer of its own would be 40 MB of a function app. The weights were fitted to o200k on prose, JSON, base64, rare
scripts and noise: what is estimated at `MOST` has never had more than 20,000 tokens (`tests/serving/test_tokens.py`).
"""

import re
from typing import Final

MOST: Final = 15_000
"""The estimate that no answer exceeds."""
_BYTES_A_TOKEN = 6
"""No answer may be very long in bytes either, however few tokens a run of blanks takes."""
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[ \n]?[0-9]+|[^A-Za-z0-9 \n]|[ \n]{2,}")
_USUAL_WORD, _SHORT_WORD = 5, 3


def tokens(body: bytes) -> float:
    """About how many tokens; a text of fewer bytes than `MOST` has fewer tokens too, so it is not looked at."""
    least = len(body) / _BYTES_A_TOKEN
    if len(body) <= MOST:
        return len(body)
    return least if least > MOST else max(least, estimated(body.decode(errors="replace")))


def estimated(text: str) -> float:
    """About how many tokens, whatever the length."""
    plain = text if text.isascii() else text.encode("ascii", "ignore").decode()
    count = sum(map(_of_piece, _PIECES.findall(plain)))
    if plain is not text:
        count += sum(map(_of_character, (character for character in text if character > "\x7f")))
    return count


def _of_piece(piece: str) -> float:
    length = len(piece)
    if piece.isalpha():
        short = 1.25 if length <= _SHORT_WORD else 1
        return short if length <= _USUAL_WORD else 1 + (length - _USUAL_WORD) / 1.7
    # Three digits are a token, a blank before them is one of its own.
    return (length + 2) // 3 + (length > 1 and piece[0].isspace())


def _of_character(character: str) -> float:
    if character < "\u0300":
        return 1.55
    return 1 if character < "\u0800" else 2.3 if character < "\uffff" else 4
