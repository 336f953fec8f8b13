"""Routes of a site's documents against the routes that we look for: guards that reject, then a score.

The guards matter more than the weights: without them, decline would be taken for approve. Only an exact match may be
used without a person's word; it has the same words, version and surface, and takes and answers what we expect.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from connector.deskdirector.discovery.documents import Document, DocumentedOperation, SiteRoute
from connector.deskdirector.discovery.targets import Target
from connector.deskdirector.discovery.words import RouteWords, words_of

EXACT_SCORE, PROPOSED_SCORE, RIVAL_WITHIN = 95, 65, 10
MOST_RIVALS = 3

_PATH_POINTS, _ORDER_POINTS, _SHAPE_POINTS, _UNKNOWN_POINTS = 60, 10, 15, 8
_OTHER_VERSION, _DEPRECATED = 8, 10
_EXPRESSIBLE = re.compile(r"(/([\w.$~-]+|\{[\w.-]+\}))+", re.ASCII)
_PARAMETER = re.compile(r"\{[\w.-]+\}")


class Verdict(StrEnum):
    """What a match is good for."""

    EXACT = "exact"
    """May be used without a question."""
    PROPOSED = "proposed"
    """A person decides."""


@dataclass(frozen=True, slots=True)
class Match:
    """A route of the site that may be the one we look for. `path` has our parameter names, ready for a setting."""

    endpoint: str
    method: str
    path: str
    score: int
    verdict: Verdict
    difference: str
    """What differs from ours, a few words; "" when nothing does."""
    document: str

    @property
    def route(self) -> str:
        """The value of the setting that pins it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A route that passed the guards, before it is compared with its rivals."""

    target: Target
    route: SiteRoute
    words: RouteWords
    document: str
    score: int

    @property
    def is_literal(self) -> bool:
        """Whether it has literally the same words, version and surface."""
        return self.words == words_of(self.target.endpoint.path)


@dataclass(frozen=True, slots=True)
class OtherShape:
    """A route with the right words and another method: it exists, but not as we would call it."""

    endpoint: str
    method: str
    path: str


def candidates(document: Document, targets: Iterable[Target]) -> Iterator[Candidate | OtherShape]:
    """What in a document may be one of the routes of `targets`."""
    by_shape: dict[tuple[object, ...], list[Target]] = {}
    for target in targets:
        by_shape.setdefault(_shape(words_of(target.endpoint.path)), []).append(target)
    for method, path, operation in document.routes():
        words = words_of(path)
        for target in by_shape.get(_shape(words), ()):
            if method != target.endpoint.method:
                yield OtherShape(target.endpoint.name, method, path)
            elif candidate := _candidate(document, target, operation, path, words):
                yield candidate


def chosen(found: Iterable[Candidate]) -> dict[str, tuple[Match, ...]]:
    """The matches of each endpoint, best first; rivals are shown together."""
    grouped: dict[str, dict[tuple[str, str], Candidate]] = {}
    for one in found:
        routes = grouped.setdefault(one.target.endpoint.name, {})
        known = routes.get((one.route.method, one.route.path.lower()))
        if known is None or known.score < one.score:
            routes[one.route.method, one.route.path.lower()] = one
    return {name: matches for name, routes in grouped.items() if (matches := _ranked([*routes.values()]))}


def _shape(words: RouteWords) -> tuple[object, ...]:
    """What two routes must share to be the same call: entities in order, actions, parameters, item or collection."""
    return words.entities, words.actions, words.items, words.ends_in_item


def _candidate(
    document: Document, target: Target, operation: DocumentedOperation, path: str, words: RouteWords
) -> Candidate | None:
    if not _EXPRESSIBLE.fullmatch(path) or ".." in path:
        return None
    route = operation.route(target.endpoint.method, path)
    takes_it = route.takes_form if target.is_upload else route.takes_json
    if not takes_it or (route.required - target.can_give and not target.is_upload):
        return None
    score = round(_path_points(words, words_of(target.endpoint.path)) + _shape_points(target, route))
    return Candidate(target, route, words, document.name, max(0, score - (_DEPRECATED if route.is_deprecated else 0)))


def _path_points(theirs: RouteWords, ours: RouteWords) -> float:
    literal = _overlap(frozenset(theirs.words), frozenset(ours.words))
    meant = _overlap(frozenset(theirs.folded), frozenset(ours.folded))
    points = _PATH_POINTS * (literal / 4 + meant * 3 / 4)
    points += _ORDER_POINTS if theirs.folded == ours.folded else 0
    return points - (0 if theirs.version == ours.version else _OTHER_VERSION)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _shape_points(target: Target, route: SiteRoute) -> float:
    """How much of what we send it takes, and of what we read it answers."""
    if not target.sends:
        sent: float = _SHAPE_POINTS
    elif route.body is None:
        sent = _UNKNOWN_POINTS
    else:
        sent = _SHAPE_POINTS * len(target.sends & route.body) / len(target.sends)
    if target.reads == ():
        return sent + _SHAPE_POINTS
    if route.answer is None or target.reads is None:
        return sent + _UNKNOWN_POINTS
    return sent + _SHAPE_POINTS * sum(bool(names & route.answer) for names in target.reads) / len(target.reads)


def _ranked(found: list[Candidate]) -> tuple[Match, ...]:
    good = sorted(
        (one for one in found if one.score >= PROPOSED_SCORE),
        key=lambda one: (-one.score, not one.is_literal, not _same_spelling(one), one.route.path),
    )
    if not good:
        return ()
    literal = [one for one in good if one.is_literal and one.score >= EXACT_SCORE]
    spelled = [one for one in literal if _same_spelling(one)]
    exact = spelled[0] if spelled else literal[0] if len(literal) == 1 else None
    best = exact or good[0]
    rivals = [one for one in good if one is not best and one.score > best.score - RIVAL_WITHIN]
    return tuple(_match(one, is_exact=one is exact) for one in (best, *rivals[: MOST_RIVALS - 1]))


def _same_spelling(one: Candidate) -> bool:
    """Whether it differs from our path in the names of its parameters only."""
    return _PARAMETER.sub("{}", one.route.path) == _PARAMETER.sub("{}", one.target.endpoint.path)


def _match(one: Candidate, *, is_exact: bool) -> Match:
    endpoint = one.target.endpoint
    names = iter(endpoint.parameters)
    path = _PARAMETER.sub(lambda _: f"{{{next(names)}}}", one.route.path)
    verdict = Verdict.EXACT if is_exact else Verdict.PROPOSED
    difference = "; ".join(_differences(one))
    return Match(endpoint.name, one.route.method, path, one.score, verdict, difference, one.document)


def _differences(one: Candidate) -> Iterator[str]:
    theirs, ours = one.words, words_of(one.target.endpoint.path)
    if theirs.version != ours.version:
        yield f"version {theirs.version or 'unknown'} instead of {ours.version or 'unknown'}"
    if theirs.surface != ours.surface:
        yield f"{theirs.surface or 'the plain'} surface instead of {ours.surface or 'the plain one'}"
    other = [word for word in theirs.words if word not in ours.words]
    own = [word for word in ours.words if word not in theirs.words]
    if other or own:
        yield f"{' '.join(other) or 'nothing'} instead of {' '.join(own) or 'nothing'}"
    if one.route.body is not None and (lacking := one.target.sends - one.route.body):
        yield f"does not take {', '.join(sorted(lacking))}"
    if one.route.body is None and one.target.sends:
        yield "its body is not described"
    if one.route.answer is None and one.target.reads:
        yield "its answer is not described"
    if one.route.is_deprecated:
        yield "deprecated"
