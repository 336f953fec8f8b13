"""What a site offers of everything that the connector can do, and the settings that pin what was found there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from connector.deskdirector.discovery.findings import Findings
from connector.deskdirector.discovery.matching import Match
from connector.deskdirector.endpoint import Endpoint
from connector.examining.probing import Probe, Verdict
from connector.operations.operation import Kind, Operation


class Standing(StrEnum):
    """How sure it is that an operation works on this site."""

    PROVEN = "proven"
    """It stands on routes that the vendor has published."""
    FOUND = "found on this site"
    """This site's own documents, or its own answer, have the route."""
    ASSUMED = "assumed"
    """Nobody has published the route, and this site says nothing about it."""
    NOT_OFFERED = "not offered"
    """The site does not have the route where it is called."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One operation on this site. `route` and `setting` are those that it stands on, "" where it is proven."""

    operation: str
    standing: Standing
    route: str = ""
    setting: str = ""
    note: str = ""


def offers(
    operations: Iterable[Operation], table: Mapping[str, Endpoint], findings: Findings, probes: Sequence[Probe]
) -> list[Offer]:
    """Every operation that people or models can call; `table` has the routes as they are called on this site."""
    probed = {probe.name: probe for probe in probes}
    called = (operation for operation in operations if operation.kind is not Kind.SUPPORT)
    return [_offer(operation, table, findings, probed) for operation in called]


def pinned(findings: Findings) -> dict[str, str]:
    """Endpoint -> route, for the matches that need no person's word."""
    return {name: match.route for name in sorted(findings.matches) if (match := findings.exact(name))}


def settings_lines(site: str, findings: Findings) -> Iterator[str]:
    """The settings that pin what was found; what is only alike stands in comments, for a person to decide."""
    yield f"# Routes of {site} as its own documents {findings.names or '(none)'} have them."
    for name, route in pinned(findings).items():
        yield f"CONNECTOR_ENDPOINT_{name}={route}"
    for match in alike(findings):
        yield f"# {match.score} of 100: {match.difference or 'a rival'} (document {match.document}); decide"
        yield f"# CONNECTOR_ENDPOINT_{match.endpoint}={match.route}"


def alike(findings: Findings) -> list[Match]:
    """The matches that a person has to decide about: of endpoints without an exact one."""
    undecided = (name for name in sorted(findings.matches) if not findings.exact(name))
    return [match for name in undecided for match in findings.matches[name]]


def _offer(
    operation: Operation, table: Mapping[str, Endpoint], findings: Findings, probed: Mapping[str, Probe]
) -> Offer:
    if operation.stands_on is None or operation.stands_on.evidence == "proven":
        return Offer(operation.id, Standing.PROVEN)
    endpoint = table.get(operation.stands_on.name, operation.stands_on)
    probe = probed.get(endpoint.name)
    verdict = probe.verdict if probe else Verdict.UNCLEAR
    listed = (match for match in findings.matches.get(endpoint.name, ()) if match.path == endpoint.path)
    match = findings.exact(endpoint.name) or next(listed, None)
    if match and verdict is not Verdict.MISSING:
        standing, note = Standing.FOUND, f"in its document {match.document}"
    elif verdict in (Verdict.ANSWERS, Verdict.REFUSED):
        standing, note = Standing.FOUND, "it answers there" if verdict is Verdict.ANSWERS else "not for this key"
    else:
        standing = Standing.NOT_OFFERED if verdict is Verdict.MISSING else Standing.ASSUMED
        note = _instead(endpoint, findings)
    return Offer(operation.id, standing, f"{endpoint.method} {endpoint.path}", endpoint.setting, note)


def _instead(endpoint: Endpoint, findings: Findings) -> str:
    """What the documents have that looks alike, or that they have nothing."""
    if matches := findings.matches.get(endpoint.name):
        return "alike: " + ", ".join(f"{match.route} ({match.score})" for match in matches)
    if shapes := [shape for shape in findings.other_shapes if shape.endpoint == endpoint.name]:
        return "exists in another shape: " + ", ".join(f"{shape.method} {shape.path}" for shape in shapes[:3])
    if findings.operations:
        return f"none found in {findings.operations} operations of {findings.names}"
    return ""
