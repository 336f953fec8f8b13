"""Cases in which every combination of values of any few factors occurs, the same on every machine."""

import random
from collections.abc import Mapping
from itertools import combinations, product
from typing import Any

Case = dict[str, Any]


def covering(factors: Mapping[str, tuple[Any, ...]], strength: int) -> list[Case]:
    """Few cases that have every combination of values of any `strength` factors."""
    names = list(factors)
    groups = list(combinations(names, strength))
    missing = {
        tuple(zip(group, values, strict=True)) for group in groups for values in product(*(factors[n] for n in group))
    }
    dice = random.Random(11)
    cases = []
    while missing:
        seed = dict(min(missing, key=repr))
        tries = [{name: seed.get(name, dice.choice(factors[name])) for name in names} for _ in range(12)]
        covered = [{tuple((name, case[name]) for name in group) for group in groups} & missing for case in tries]
        best = max(range(len(tries)), key=lambda index: len(covered[index]))
        missing -= covered[best]
        cases.append(tries[best])
    return cases


def named(case: Case) -> str:
    """The id of a case."""
    return "-".join(str(value) for value in case.values())
