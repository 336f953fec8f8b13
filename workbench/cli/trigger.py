"""`trigger`: make something happen in the simulated DeskDirector, and with `--wait` see what became of its event."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import httpx
import typer
from rich.console import Console

from connector.relay.moments import moment
from workbench.cli.simulated import DEMO, EVENTS, SECONDS, WEBHOOKS, Json, Simulated, SimulatedError, sentence_of
from workbench.cli.timeline import details_of, is_settled, line_of, printable

trigger = typer.Typer(no_args_is_help=True, help="Make something happen in the simulated DeskDirector, as people do.")
console = Console(highlight=False, soft_wrap=True)

WAIT_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.25
FLOW_NAME: Final = re.compile("[A-Za-z0-9-]{1,40}")
HAPPENINGS: Final = {
    "ticket": "a new ticket",
    "note": "a note on a ticket",
    "status": "another status of a ticket",
    "tag": "a tag on a ticket",
    "form": "a form that a contact submits",
    "chat": "a chat that a contact opens",
    "survey": "the answer to a survey",
    "burst": "many new tickets",
    "fault": "faults of the simulated site",
    "clock": "the time of the simulated site",
    "flow": "how a flow answers",
}

Port = Annotated[
    int, typer.Option("--port", min=1, max=65535, envvar="PORT", help="Where the app listens, on loopback.")
]
Wait = Annotated[bool, typer.Option("--wait", help="Print the event's timeline; exit code 1 if it does not end well.")]
Ticket = Annotated[int | None, typer.Argument(min=1, help="The number of the ticket; the newest when left out.")]
Text = Annotated[str, typer.Option("--text", help="What it says.")]
Contact = Annotated[str, typer.Option(help="A contact, by e-mail address or name.")]
Times = Annotated[int | None, typer.Option(min=1, help="How many times; for good when left out.")]


@dataclass(frozen=True, slots=True)
class _Pair:
    """What `make run` has started."""

    simulated: Simulated
    key: str


@trigger.command("list")
def list_happenings() -> None:
    """List the things that can be made to happen."""
    for name, meaning in HAPPENINGS.items():
        typer.echo(f"{name:<8} {meaning}")


@trigger.command("ticket")
def ticket(
    title: Annotated[str, typer.Option(help="Its title.")] = "New starter: Jane Doe",
    company: Annotated[str, typer.Option(help="A company, by name.")] = "",
    contact: Contact = "",
    board: Annotated[str, typer.Option(help="A board, by name.")] = "",
    priority: Annotated[str, typer.Option(help="A priority, by name.")] = "",
    tag: Annotated[str, typer.Option(help="A tag.")] = "",
    text: Text = "",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """A contact opens a ticket."""
    asked = {"title": title, "company": company, "contact": contact, "board": board, "priority": priority}
    _happen("ticket", {**asked, "tag": tag, "text": text}, wait, port)


@trigger.command("note")
def note(
    ticket_id: Ticket = None,
    text: Text = "Any news?",
    internal: Annotated[bool, typer.Option("--internal", help="For the service desk only.")] = False,
    by: Annotated[str, typer.Option(help="Who writes it: contact or member.")] = "member",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """Write a note on a ticket."""
    _happen("note", {"ticket": ticket_id, "text": text, "internal": internal, "by": by}, wait, port)


@trigger.command("status")
def status(
    ticket_id: Ticket = None,
    name: Annotated[str, typer.Argument(help="The status, by name; another one when left out.")] = "",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """A ticket gets another status."""
    _happen("status", {"ticket": ticket_id, "status": name}, wait, port)


@trigger.command("tag")
def tag(
    ticket_id: Ticket = None,
    name: Annotated[str, typer.Argument(help="The tag.")] = "vip",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """A ticket is tagged."""
    _happen("tag", {"ticket": ticket_id, "tag": name}, wait, port)


@trigger.command("form")
def form(
    name: Annotated[str, typer.Argument(help="The form, by name; the first one when left out.")] = "",
    answer: Annotated[list[str] | None, typer.Option(help="question=answer; may be repeated.")] = None,
    contact: Contact = "",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """A contact submits a form; its event goes to the webhooks of the site, with --wait to one that is set up first."""
    pairs = [one.partition("=") for one in answer or ()]
    if any(not question.strip() or not between for question, between, _ in pairs):
        raise typer.BadParameter("--answer takes question=answer.")
    answers = {question.strip(): given.strip() for question, _, given in pairs}
    _happen("form", {"form": name, "answers": answers, "contact": contact}, wait, port)


@trigger.command("chat")
def chat(
    missed: Annotated[bool, typer.Option("--missed", help="Nobody takes it.")] = False,
    contact: Contact = "",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """A contact opens a chat."""
    _happen("chat", {"missed": missed, "contact": contact}, wait, port)


@trigger.command("survey")
def survey(
    ticket_id: Ticket = None,
    score: Annotated[int, typer.Option(min=1, max=5, help="From 1 to 5.")] = 1,
    text: Text = "",
    wait: Wait = False,
    port: Port = 7071,
) -> None:
    """A contact answers the survey about a ticket; its event goes to webhooks, as that of a form, or a flow polls."""
    _happen("survey", {"ticket": ticket_id, "score": score, "text": text}, wait, port)


@trigger.command("burst")
def burst(
    count: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 50,
    per_second: Annotated[int, typer.Option(min=1, max=100, help="How fast.")] = 20,
    title: Annotated[str, typer.Option(help="What they are called.")] = "One of many",
    port: Port = 7071,
) -> None:
    """Many tickets are opened, one after the other."""

    async def work(pair: _Pair) -> int:
        with console.status(f"{count} tickets at {per_second} a second …"):
            await pair.simulated.burst({"what": "ticket", "title": title}, count, per_second)
        console.print(f"{count} tickets were opened.")
        return 0

    _run(work, port)


@trigger.command("fault")
def fault(
    what: Annotated[list[str] | None, typer.Argument(help="status=503, delay=5, reset, html … or off.")] = None,
    path: Annotated[str, typer.Option(help="Only on addresses with this in them.")] = "",
    times: Times = 1,
    port: Port = 7071,
) -> None:
    """The simulated site fails, or stops failing."""
    kind, _, value = (what or ["status=503"])[0].partition("=")
    if kind == "off":
        _control("DELETE", "faults", None, "No faults any more.", port)
        return
    number = _fault_value(kind, value)
    kinds: Mapping[str, Json] = {
        "status": {"kind": "status", "status": number},
        "delay": {"kind": "delay", "seconds": number},
        "reset": {"kind": "reset_before"},
    }
    body = {**kinds.get(kind, {"kind": kind}), "path": path, "times": times}
    _control("POST", "faults", {key: given for key, given in body.items() if given}, "Planned.", port)


def _fault_value(kind: str, value: str) -> int:
    """The status or the seconds; those that nobody gave are 503 and 5."""
    default, least, most = (5, 1, 600) if kind == "delay" else (503, 400, 599)
    if value and not (re.fullmatch("[0-9]{1,3}", value) and least <= int(value) <= most):
        raise typer.BadParameter(f"{kind} takes a whole number from {least} to {most}, as in {kind}={default}.")
    return int(value) if value else default


@trigger.command("clock")
def clock(
    by: Annotated[str, typer.Argument(help="+2d, +3h, +15m, stop or go.")],
    port: Port = 7071,
) -> None:
    """Move the clock of the simulated site; the app's own stays."""
    if by in ("stop", "go"):
        body: Json = {"frozen": by == "stop"}
    else:
        match = re.fullmatch(r"([+-]?[0-9]{1,9})([dhms])", by)
        if match is None:
            raise typer.BadParameter("Give it as +2d, +3h, +15m, stop or go.")
        body = {"seconds": int(match[1]) * {"d": 86_400, "h": 3600, "m": 60, "s": 1}[match[2]]}
    _control("POST", "clock", body, "The simulated site's clock:", port, show="now")


@trigger.command("flow")
def flow(
    name: Annotated[str, typer.Argument(help="The flow.")] = DEMO,
    mode: Annotated[str, typer.Argument(help="accepting, slow, throttled, failing or gone.")] = "failing",
    times: Times = None,
    status_code: Annotated[
        int | None, typer.Option("--status", min=200, max=599, help="The status that it answers.")
    ] = None,
    port: Port = 7071,
) -> None:
    """A flow answers otherwise from now on."""
    if not FLOW_NAME.fullmatch(name):
        raise typer.BadParameter("A flow has a short name of letters, digits and -.")

    async def work(pair: _Pair) -> int:
        body = {"flow": name, "mode": mode, "times": times, "status": status_code}
        await pair.simulated.flow_control("POST", "mode", {key: one for key, one in body.items() if one is not None})
        console.print(f"{name} is {mode} " + (f"for its next {times} events." if times else "from now on."))
        return 0

    _run(work, port)


def _happen(what: str, asked: Json, wait: bool, port: int) -> None:
    async def work(pair: _Pair) -> int:
        event_type = await _let_a_flow_wait(pair, what) if wait else ""
        began = time.time()
        given = {name: value for name, value in asked.items() if value not in (None, "", {}, False)}
        made = (await pair.simulated.happen({"what": what, **given}))["made"]
        console.print(printable(f"{made['kind']} {made['id']}: {made['title']}"), markup=False)
        if not wait:
            return 0
        query = {"type": event_type, "since": moment(began - 1)}
        if what not in WEBHOOKS:
            query["ticket"] = str(made.get("ticket") or made["id"])
        return await _watch(pair, query, port)

    _run(work, port)


async def _let_a_flow_wait(pair: _Pair, what: str) -> str:
    """The type of the event that it will get; the flow of new tickets waits already."""
    if what in WEBHOOKS:
        return await pair.simulated.set_up_webhook(what, pair.key)
    if what != "ticket":
        await pair.simulated.subscribe(f"{DEMO}-{what}", EVENTS[what], {})
    return EVENTS[what]


async def _watch(pair: _Pair, query: dict[str, str], port: int) -> int:
    """Follow the event until it is delivered or given up; the exit code."""
    ends, told = time.monotonic() + WAIT_SECONDS, ""
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS, headers={"x-console-key": pair.key}) as client:
        with console.status("waiting for its event …"):
            while time.monotonic() < ends:
                found = (await _get(client, port, "events", query))["results"]
                event = await _get(client, port, f"events/{found[-1]['eventId']}", {}) if found else None
                if event and (line := line_of(event)).plain != told:
                    console.print(line)
                    told = line.plain
                if event and is_settled(event):
                    for detail in details_of(event):
                        console.print(detail)
                    console.print(f"In the console: http://127.0.0.1:{port}/console#events/{event['eventId']}")
                    is_well = all(one["state"] == "delivered" for one in event["deliveries"])
                    return 0 if is_well and event["deliveries"] else 1
                await asyncio.sleep(LOOK_SECONDS)
    late = "it is not delivered yet" if told else "its event did not arrive; does a flow wait for it?"
    console.print(f"After {WAIT_SECONDS:.0f} s, {late}")
    return 1


async def _get(client: httpx.AsyncClient, port: int, path: str, query: dict[str, str]) -> Any:
    try:
        answer = await client.get(f"http://127.0.0.1:{port}/api/console/{path}", params=query)
    except httpx.HTTPError:
        raise SimulatedError(f"Nothing answers at 127.0.0.1:{port} any more.") from None
    if answer.status_code >= 300:
        raise SimulatedError(sentence_of(answer), answer.status_code)
    return answer.json()


def _control(method: str, call: str, body: Json | None, said: str, port: int, *, show: str = "") -> None:
    async def work(pair: _Pair) -> int:
        answered = await pair.simulated.control(method, call, body)
        console.print(f"{said} {answered[show]}" if show else said)
        return 0

    _run(work, port)


def _run(work: Callable[[_Pair], Awaitable[int]], port: int) -> None:
    """Do it with what `make run` has started; a refusal is its sentence and exit code 1."""

    async def all_of_it() -> int:
        pair = await _pair(port)
        try:
            return await work(pair)
        finally:
            await pair.simulated.aclose()

    try:
        code = asyncio.run(all_of_it())
    except SimulatedError as problem:
        typer.echo(str(problem), err=True)
        code = 1
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


async def _pair(port: int) -> _Pair:
    """The running pair. Only `serve` with a simulator answers here, so a real site is never touched."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:
            answer = await client.get(f"http://127.0.0.1:{port}/console/local.json")
    except httpx.HTTPError:
        raise SimulatedError(f"Nothing answers at 127.0.0.1:{port}; start it with `make run`.") from None
    if answer.status_code != 200:
        sentence = f"The app at 127.0.0.1:{port} serves no simulated DeskDirector; trigger never touches a real site."
        raise SimulatedError(sentence)
    told = answer.json()
    simulator = int(str(told["site"]).rpartition(":")[2])
    simulated = Simulated(simulator, int(told["flowPort"]), port, str(told["apiKeys"]["tokity"]))
    return _Pair(simulated, str(told["consoleKey"]))
