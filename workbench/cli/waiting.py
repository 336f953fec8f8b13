"""What a person sees while something takes seconds: on the error output, and only in a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Step = Callable[[str], None]


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A sign that it is at work, for work whose length is not known."""
    with Console(stderr=True).status(what):
        yield


@contextmanager
def in_steps(total: int) -> Iterator[Step]:
    """A bar for work in this many steps; call what it gives with the name of each as it begins."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def step(name: str) -> None:
            bar.update(task, description=name, advance=1)

        yield step
