"""The live view of `listen`: the newest events on the alternate screen, moved and asked by single keys."""

import asyncio
import base64
import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from connector.deskdirector.errors import ConnectorError
from connector.storage.records import FAILING
from workbench.cli.following import AGAIN_SECONDS, Listening, changes_of, forwarding
from workbench.cli.sources import Source, UnreadableError, sentence
from workbench.cli.timeline import details_of, line_of

Json = dict[str, Any]

ROWS: Final = 1000
ARROWS: Final = {"\x1b[A": "k", "\x1b[B": "j", "\x1bOA": "k", "\x1bOB": "j", "\x1b": "escape", " ": "p"}
KEYS: Final = "[p]ause [f]ailed [/]filter [j/k]move [d]etails [r]eplay [o]pen in console [c]opy id [q]uit"
FEW_KEYS: Final = "[p]ause [d]etails [r]eplay [q]uit"


@dataclass(slots=True)
class View:
    """The screen, and the effect of keys on it."""

    where: str
    events: dict[str, Json] = field(default_factory=dict)
    is_following: bool = True
    failed_only: bool = False
    filter: str = ""
    is_typing: bool = False
    shows_details: bool = False
    chosen: str = ""
    notice: str = ""

    def add(self, event: Json) -> None:
        """A new event, or one that has gone on."""
        self.events[event["eventId"]] = event
        while len(self.events) > ROWS:
            del self.events[next(iter(self.events))]
        if self.is_following and self.rows():
            self.chosen = self.rows()[-1]["eventId"]

    def rows(self) -> list[Json]:
        """The events that fit what is filtered, oldest first."""
        wanted = self.filter.lower()
        return [
            event for event in self.events.values()
            if not (self.failed_only and event["worst"] not in ("dead", FAILING))
            and (not wanted or wanted in line_of(event).plain.lower())
        ]  # fmt: skip

    def key(self, key: str) -> str:
        """What a key asks for: "quit", "replay", "open" or "copy"; "" when it only changes the view."""
        if self.is_typing:
            self._type(key)
            return ""
        key = ARROWS.get(key, key)
        if key in ("j", "k"):
            self._move(1 if key == "j" else -1)
        elif key == "p":
            self.is_following = not self.is_following
        elif key == "f":
            self.failed_only = not self.failed_only
        elif key == "/":
            self.is_typing, self.filter = True, ""
        elif key in ("d", "\r", "\n"):
            self.shows_details = not self.shows_details
        elif key == "escape":
            self.filter, self.failed_only, self.shows_details, self.is_following = "", False, False, True
        return {"q": "quit", "\x03": "quit", "r": "replay", "c": "copy", "o": "open"}.get(key, "")

    def draw(self, height: int, width: int = 200) -> Group:
        """The screen; what there is to say last may take several lines, for an address that is to be opened."""
        keys = KEYS if len(KEYS) <= width else FEW_KEYS
        rows, last_line = self.rows(), Text(self.notice or keys, "dim", overflow="fold")
        last_line.no_wrap = not self.notice
        height -= last_line.cell_len // max(1, width) if self.notice else 0
        lines = [Text("> " if row["eventId"] == self.chosen else "  ") + line_of(row, width - 2) for row in rows]
        details = self._details()
        space = max(3, height - 3 - len(details))
        last = next((number for number, one in enumerate(rows) if one["eventId"] == self.chosen), len(rows) - 1)
        first = max(0, min(last - space // 2, len(lines) - space)) if not self.is_following else len(lines) - space
        shown = lines[max(0, first) :][:space] or [Text("  Nothing has arrived. A flow must wait.", "dim")]
        for line in (*shown, *details):
            line.no_wrap, line.overflow = True, "ellipsis"
        state = "following" if self.is_following else "paused"
        count = "1 event" if len(rows) == 1 else f"{len(rows)} events"
        head = Text(f"{state} · {count} · {self.where}", "bold", no_wrap=True, overflow="ellipsis")
        if self.is_typing or self.filter:
            head.append(f" · /{self.filter}{'_' if self.is_typing else ''}")
        if self.failed_only:
            head.append(" · failed only")
        panel = [Panel(Group(*details), padding=(0, 1))] if details else []
        return Group(head, *shown, *panel, last_line)

    def _details(self) -> list[Text]:
        event = self.events.get(self.chosen)
        return list(details_of(event))[:12] if self.shows_details and event else []

    def _type(self, key: str) -> None:
        if key in ("\r", "\n"):
            self.is_typing = False
        elif key == "\x1b":
            self.is_typing, self.filter = False, ""
        elif key in ("\x7f", "\b"):
            self.filter = self.filter[:-1]
        elif key.isprintable():
            self.filter += key

    def _move(self, by: int) -> None:
        """Moving stops the following, so that nothing moves under the cursor."""
        self.is_following = False
        ids = [row["eventId"] for row in self.rows()]
        if ids:
            present = ids.index(self.chosen) if self.chosen in ids else len(ids) - 1
            self.chosen = ids[min(max(present + by, 0), len(ids) - 1)]


async def show_live(source: Source, options: Listening) -> None:
    """Show events until the user quits."""
    console = Console(highlight=False)
    view = View(options.at or "this machine", failed_only=options.failed_only)
    keys: asyncio.Queue[str] = asyncio.Queue()
    with _raw_keys(keys), Live(console=console, screen=True, auto_refresh=False, redirect_stdout=False) as screen:
        following = asyncio.create_task(_follow(source, options, view, keys))
        try:
            while True:
                screen.update(view.draw(console.height, console.width), refresh=True)
                wish = view.key(await keys.get())
                if wish == "quit":
                    return
                if wish and view.chosen:
                    view.notice = await _do(source, options.base, wish, view.chosen)
                if following.done() and (problem := following.exception()):
                    raise problem
        finally:
            following.cancel()


async def _follow(source: Source, options: Listening, view: View, keys: "asyncio.Queue[str]") -> None:
    """Keep the view up to date; a failure is shown, what was there stays, and it is tried again."""

    def tell(notice: str) -> None:
        view.notice = notice
        keys.put_nowait("")

    async with forwarding(options.forward_to) as forward:
        while True:
            try:
                async for event, is_new in changes_of(source, options, tell):
                    view.notice = await forward(event) if forward is not None and is_new else ""
                    view.add(event)
                    keys.put_nowait("")
            except (ConnectorError, UnreadableError) as problem:
                tell(f"{sentence(problem)} Trying again …")
                await asyncio.sleep(AGAIN_SECONDS)


async def _do(source: Source, base: str, wish: str, event_id: str) -> str:
    """Replay, open or copy; what to say about it."""
    if wish == "open":
        url = f"{base}/console#events/{event_id}"
        return f"{'Opened' if await _opened(url) else 'Open'} {url}"
    if wish == "copy":
        sys.stdout.write(f"\x1b]52;c;{base64.b64encode(event_id.encode()).decode()}\a")
        sys.stdout.flush()
        return f"{event_id} is in the clipboard, where the terminal allows it."
    try:
        return f"{await source.replay(event_id)} deliveries are due again."
    except (ConnectorError, UnreadableError) as problem:
        return sentence(problem)


async def _opened(url: str) -> bool:
    """Whether a browser with a window of its own took it; one in the terminal would write over what is there."""
    has_windows = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(has_windows) and await asyncio.to_thread(webbrowser.open, url)


@contextmanager
def _raw_keys(keys: "asyncio.Queue[str]") -> Iterator[None]:
    """Single keys as they are pressed; the terminal is as it was afterwards."""
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    loop = asyncio.get_running_loop()

    def read() -> None:

        pressed = os.read(descriptor, 64).decode(errors="ignore")
        for key in [pressed] if pressed in ARROWS else list(pressed):
            keys.put_nowait(key)

    tty.setcbreak(descriptor)
    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
