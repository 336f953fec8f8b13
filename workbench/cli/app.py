"""The command line: `python -m workbench …`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer

from workbench.cli import admin
from workbench.cli.flow_commands import alerts, show_audit
from workbench.cli.grants import grants
from workbench.cli.listen import listen
from workbench.cli.trigger import trigger
from workbench.cli.waiting import waiting
from workbench.cli.webhooks import webhooks
from workbench.generators.identity import PLACEHOLDER_HOST

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Serve, try, export and check the DeskDirector connector backend.",
)

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
DEFINITIONS = ROOT / "connector" / "definition"
Host = Annotated[str, typer.Option(help="The host name that the app runs under.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on, on loopback.")]
SimulatorPort = Annotated[int, typer.Option(min=1, max=65535, help="The port of the simulated DeskDirector.")]


def _tell_version(wanted: bool) -> None:
    if wanted:
        from workbench.generators.identity import version as present_version

        typer.echo(f"deskdirector-connector {present_version()}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Print the version, and end.")
    ] = False,
) -> None:
    """Serve, try, export and check the DeskDirector connector backend."""


@app.command()
def serve(
    port: Port = 7071,
    simulator_port: SimulatorPort = 7070,
    site: Annotated[str, typer.Option(help="Serve for this real site host; no simulator is started.")] = "",
    production: Annotated[
        bool, typer.Option("--production", help="Serve real sites behind a TLS proxy, on every address; no simulator.")
    ] = False,
) -> None:
    """Serve the app on loopback, with a simulated DeskDirector unless a site is given; Ctrl-C stops both."""
    from workbench.cli.serve import serve_pair, serve_production

    if production:
        raise typer.Exit(serve_production(ROOT, port))
    raise typer.Exit(serve_pair(ROOT, port, None if site else simulator_port, site))


@app.command()
def simulate(
    port: Port = 7070,
    edition: Annotated[
        Literal["psa", "tokity"] | None,
        typer.Option(help="Only this edition; both, by the kind of key, when left out."),
    ] = None,
    profile: Annotated[
        Literal["proven", "generous"],
        typer.Option(help="proven: only what is known of DeskDirector; generous: also all that is assumed."),
    ] = "generous",
    mutate: Annotated[
        list[str] | None, typer.Option(help="Change one trait of the profile; may be given several times.")
    ] = None,
    show_list: Annotated[bool, typer.Option("--list", help="Print every mutation with its meaning, and end.")] = False,
) -> None:
    """Serve a simulated DeskDirector on loopback."""
    from workbench.simulator import serve as serve_simulator
    from workbench.simulator.mutations import MUTATIONS

    if show_list:
        typer.echo("\n".join(f"{name:<24} {mutation.meaning}" for name, mutation in MUTATIONS.items()))
        return
    _or_explain(lambda: serve_simulator(port=port, edition=edition, profile=profile, mutations=mutate or ()))


@app.command()
def demo(port: Port = 7071, simulator_port: SimulatorPort = 7070) -> None:
    """Run the main job step by step, against the running pair or one of its own; exit code 0 only if all was right."""
    from workbench.cli.demo import run_story

    raise typer.Exit(run_story(ROOT, port, simulator_port))


@app.command()
def doctor(
    site: Annotated[str, typer.Option(envvar="DD_SITE", help="The site host.")],
    api_key: Annotated[str, typer.Option(envvar="DD_API_KEY", help="The API key, in whatever form you have it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
    openapi: Annotated[
        list[Path] | None,
        typer.Option(help="A saved OpenAPI document, for a site whose swagger page needs a sign-in; may be repeated."),
    ] = None,
    write: Annotated[Path | None, typer.Option(help="Write the settings that pin what was found to this file.")] = None,
) -> None:
    """Report how a site differs from what is assumed, without changing it; exit code 1 when something cannot work."""
    from workbench.cli.doctor import examine

    raise typer.Exit(examine(site, api_key, as_json=as_json, documents=openapi or (), write=write))


@app.command()
def export(
    host: Host = PLACEHOLDER_HOST,
    folder: Annotated[
        Path | None, typer.Option(help="Where to write the definitions; everything committed when left out.")
    ] = None,
) -> None:
    """Write every generated definition and document from the catalog."""
    from workbench.cli.export import export_everything
    from workbench.generators.export import export as write

    with waiting("Writing definitions and documents …"):
        written = _or_explain(lambda: write(folder, host) if folder else export_everything(ROOT, host))
    for path in written:
        typer.echo(path)


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="The folder of definitions.")] = DEFINITIONS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
) -> None:
    """Check the definitions against Microsoft's rules; exit code 1 when anything breaks one."""
    from workbench.cli.check import check_definitions

    raise typer.Exit(check_definitions(folder, as_json=as_json))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The released definition: a swagger file or a package folder.")],
    new: Annotated[Path, typer.Argument(help="The new one.")] = DEFINITIONS / "power-platform",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
) -> None:
    """List what changed between two definitions; exit code 1 when something breaks existing flows."""
    from workbench.cli.check import compare

    raise typer.Exit(compare(old, new, as_json=as_json))


@app.command()
def package(
    host: Host = PLACEHOLDER_HOST,
    folder: Annotated[Path, typer.Option(help="Where to build them.")] = ROOT / "build",
    only_uploads: Annotated[
        bool, typer.Option("--only-uploads", help="Leave out the command line's wheel and the bill of materials.")
    ] = False,
) -> None:
    """Build and check the packages to upload, and print what a person must still do; exit code 1 for a bad one."""
    from workbench.cli.export import package_everything

    with waiting("Building and checking the packages …"):
        code = _or_explain(lambda: package_everything(ROOT, folder, host, only_uploads=only_uploads))
    raise typer.Exit(code)


DataFolder = Annotated[
    Path, typer.Option("--data", envvar="CONNECTOR_DATA_DIR", help="The data folder of the app on this machine.")
]


@app.command()
def backup(
    target: Annotated[
        Path | None, typer.Argument(help="The archive to write; named by the time when left out.")
    ] = None,
    data: DataFolder = ROOT / ".data",
) -> None:
    """Back up the store, the queues and the keys of one machine into one archive, while the app runs."""
    from workbench.cli.backup import back_up, named_by_time

    archive = target or named_by_time(Path())
    with waiting("Backing up …"):
        made = _or_explain(lambda: back_up(data, archive))
    typer.echo(f"{archive}: {', '.join(made['files'])}")
    typer.echo("It holds secrets. A key that is in CONNECTOR_SECRETS_KEY is not in it: keep that key as well.")


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="What `backup` wrote.")],
    data: DataFolder = ROOT / ".data",
) -> None:
    """Put a backup into the data folder of a stopped app; the present files are moved aside, not deleted."""
    from workbench.cli import backup as backups

    manifest, aside = _or_explain(lambda: backups.restore(archive, data))
    typer.echo(f"Restored the backup of {manifest['madeAt']} (version {manifest['version']}) into {data}.")
    if aside:
        typer.echo(f"What was there is in {aside}.")


def _or_explain(work: Callable[[], T]) -> T:
    try:
        return work()
    except (ValueError, OSError) as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(2) from None


for name, group in (
    ("events", admin.events),
    ("deliveries", admin.deliveries),
    ("flows", admin.flows),
    ("registrations", admin.registrations),
    ("subscriptions", admin.subscriptions),
    ("dead-letters", admin.dead_letters),
    ("webhooks", webhooks),
    ("quarantine", admin.quarantine),
    ("alerts", alerts),
    ("grants", grants),
):
    app.add_typer(group, name=name)
app.command("metrics")(admin.show_metrics)
app.command("audit")(show_audit)
app.command("listen")(listen)
app.add_typer(trigger, name="trigger")
