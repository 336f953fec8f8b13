"""Content that only the tenant knows: made an object, put into camelCase, cut to size."""

import json
from typing import Any

import pytest

from connector.deskdirector.content import MAX_CONTENT, camel_cased, content_of, fitted
from connector.deskdirector.errors import BadGateway


@pytest.mark.parametrize(
    ("data", "content"),
    [({"a": 1}, {"a": 1}), ([1, 2], {"results": [1, 2]}), (None, {}), ("yes", {"value": "yes"}), (0, {"value": 0})],
)
def test_content_is_always_an_object(data: object, content: dict[str, object]) -> None:
    assert content_of(data) == content


def test_names_are_written_as_later_versions_do() -> None:
    pascal = {"EntityId": 1, "ID": 2, "SLAName": 3, "Items": [{"URL": "https://A.example"}], "already": 4, "$type": 5}

    assert camel_cased(pascal) == {
        "entityId": 1,
        "id": 2,
        "slaName": 3,
        "items": [{"url": "https://A.example"}],
        "already": 4,
        "$type": 5,
    }


def test_the_longest_list_is_cut_at_a_whole_item() -> None:
    content: dict[str, Any] = {
        "total": 9000,
        "tags": ["a", "b"],
        "results": [{"n": n, "text": "é" * 50} for n in range(9000)],
    }

    cut, notice = fitted(content)

    assert cut["total"] == 9000
    assert cut["tags"] == ["a", "b"]
    assert cut["results"] == content["results"][: len(cut["results"])]
    size = len(json.dumps(cut, ensure_ascii=False, separators=(",", ":")).encode())
    assert MAX_CONTENT * 0.99 < size <= MAX_CONTENT
    assert notice is not None
    assert f"{len(cut['results'])} of 9000" in notice
    assert fitted(cut) == (cut, None)


def test_what_cannot_be_cut_is_an_error() -> None:
    with pytest.raises(BadGateway) as caught:
        fitted({"text": "x" * (MAX_CONTENT + 1)})
    assert caught.value.code == "AnswerTooLarge"
