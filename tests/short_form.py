"""What `make test` takes of the longest tests; `make proofs` takes all of everything.

By the begin of a test's id: of its cases every n-th; none where n is 0, because others show the same in short.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

SHARES: Final = {
    "tests/deskdirector/test_reading.py::test_the_first_place_with_a_value_wins": 4,
    "tests/relay/polling/test_edges.py::test_a_list_without_dates_goes_by_numbers": 3,
    "tests/relay/polling/test_edges.py::test_an_item_that_comes_late_behind_a_sweep": 3,
    "tests/relay/polling/test_edges.py::test_thousands_at_one_moment": 3,
    "tests/relay/polling/test_every_trigger.py::test_every_event_once": 4,
    "tests/relay/polling/test_every_trigger.py::test_what_happens_while_the_first_sweep": 3,
    "tests/relay/test_drain.py::test_a_flow_gets_no_more_than_its_limit": 3,
    "tests/relay/test_drain.py::test_a_flow_that_throttles": 2,
    "tests/relay/test_drain.py::test_half_of_a_backlog": 2,
    "tests/relay/test_drain.py::test_nothing_becomes_a_dead_letter": 0,
    "tests/relay/test_polling_triggers.py::test_calls_and_address_stay_bounded": 2,
    "tests/serving/console/test_operator.py": 3,
    "tests/serving/test_mcp_clients.py::test_the_inspector_lists_and_calls": 2,
    "tests/serving/test_mcp_clients.py::test_the_server_conforms": 2,
    "tests/serving/test_mcp_conformance.py": 2,
    "tests/serving/test_recovery.py::test_find_never": 3,
    "tests/serving/test_recovery.py::test_repeat_creates": 3,
    "tests/catalog/test_forms_of_answers.py": 2,
    "tests/catalog/test_mutated_sites.py": 3,
    "tests/catalog/test_ticket_reads.py::test_every_filter_in_every_order": 2,
    "tests/catalog/test_ticket_reads.py::test_who_wrote_last_decides": 2,
    "tests/test_bad_input.py::test_an_upstream_that_fails": 2,
    "tests/workbench/cli/test_cli.py::test_package_refuses": 0,
    "tests/workbench/generators/test_one_catalog.py::test_one_changed_description": 0,
    "tests/workbench/generators/test_openapi_tools.py::test_spectral": 2,
    "tests/workbench/generators/test_operation_docs.py::test_an_example_plays": 2,
    "tests/workbench/generators/test_outcomes.py::test_what_is_on_record": 3,
}


def short(ids: Iterable[str]) -> Iterator[bool]:
    """For each test, in their order, whether it is taken."""
    seen: Counter[str] = Counter()
    for name in ids:
        begin = next((begin for begin in SHARES if name.startswith(begin)), None)
        if begin is None:
            yield True
            continue
        share = SHARES[begin]
        yield share > 0 and seen[begin] % share == 0
        seen[begin] += 1
