"""What every operation of the catalog has to keep."""

import pytest

from connector.catalog import operations, resources
from connector.operations.operation import Kind, Operation
from connector.operations.paging import FindInput
from connector.operations.signature import signature_of

EVERY = pytest.mark.parametrize("operation", operations().values(), ids=lambda one: one.id)


@EVERY
def test_finds_and_only_finds_page(operation: Operation) -> None:
    body = signature_of(operation).body

    assert operation.pages is bool(body and issubclass(body[1], FindInput))


@EVERY
def test_everything_is_described_in_sentences(operation: Operation) -> None:
    texts = [operation.description, *(field.description for _, field in signature_of(operation).fields(operation))]

    assert all(text and text[0].isupper() and text.endswith((".", "…")) for text in texts), texts


@EVERY
def test_path_parameters_are_declared(operation: Operation) -> None:
    in_path = {field.name for location, field in signature_of(operation).fields(operation) if location == "path"}

    assert in_path == set(operation.path_names)


@EVERY
def test_names_stand_for_one_thing_each(operation: Operation) -> None:
    names = [field.name for _, field in signature_of(operation).fields(operation)]

    assert len(names) == len(set(names)), "models give path, query and body in one object"


@EVERY
def test_what_creates_takes_an_idempotency_key(operation: Operation) -> None:
    names = {field.name for _, field in signature_of(operation).fields(operation)}
    repeatable = operation.effects.idempotent or operation.kind is Kind.WEBHOOK_TRIGGER

    assert repeatable is ("idempotencyKey" not in names)


def test_operations_come_in_the_order_of_their_resources() -> None:
    places = [resources().index(operation.resource) for operation in operations().values()]

    assert places == sorted(places)
