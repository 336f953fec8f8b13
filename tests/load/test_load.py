"""The short form; `make load` runs the long one."""

from pathlib import Path

import pytest

from benchmarks.throughput import drawn
from tests.load.__main__ import Stage, broken, by_connections, by_rate, play
from tests.load.plot import plot
from tests.load.ramp import Answered, Run, Sample, moments


@pytest.mark.parametrize(("stage", "calls"), [(by_rate(6), 40), (by_connections(20), 100)], ids=["rate", "site"])
def test_twice_the_capacity_is_shed_and_leaves_nothing_behind(stage: Stage, calls: int, tmp_path: Path) -> None:
    run, problems, said = play(stage, tmp_path, calls)
    assert problems == [], said
    assert plot(run).startswith("<svg")


def test_the_throughput_of_the_relay_is_drawn_with_its_sizes() -> None:
    picture = drawn({0: (1000.0, 0.0), 1: (800.0, 700.0), 20: (90.0, 1500.0)})
    assert all(text in picture for text in ("<svg", ">20 flows<", ">1000<", ">1500<"))


def test_the_rate_rises_to_twice_the_capacity_and_falls_again() -> None:
    made = list(moments(11_000, 100))
    seconds = [int(moment) for moment in made]
    rates = [seconds.count(second) for second in range(seconds[-1])]
    assert max(rates) in range(195, 206)
    assert all(45 <= rate <= 56 for rate in (rates[1], rates[-1]))
    assert abs(len(made) - 11_000) < 50


def test_what_is_not_held_is_named() -> None:
    sample = Sample(0, 100, 10, 5)
    grown = Sample(9, 200, 500, 500)
    run = Run(10, 10, made=300, answered=[Answered(9.9, 9, 503)] + [Answered(1, 1, 200)] * 200)
    run.samples = [sample, sample, sample, grown]
    assert len(broken(by_rate(10), run, 99)) == 7


@pytest.mark.parametrize(("accepted", "shed", "is_at_once"), [(0.1, 0.01, True), (3.0, 3.1, True), (0.1, 1.0, False)])
def test_what_is_at_once_depends_on_what_else_the_machine_does(accepted: float, shed: float, is_at_once: bool) -> None:
    calm = [Answered(at, 0.001, 200) for at in range(5)]
    run = Run(10, 10, answered=[*calm, *(Answered(7, accepted, 200) for _ in range(9))])
    run.answered += [Answered(at, shed, 429) for at in (6, 7, 8)]
    assert run.is_shed_at_once is is_at_once
