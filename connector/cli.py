"""The command line: `python -m connector …`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    help="Serve, try, export and check the DeskDirector connector backend.",
)

ROOT = Path(__file__).resolve().parent.parent
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on, on loopback.")]


@app.command()
def serve(
    port: Port = 7071,
    simulator_port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the simulated DeskDirector.")
    ] = 7070,
    site: Annotated[str, typer.Option(help="Serve for this real site host; no simulator is started.")] = "",
) -> None:
    """Serve the app on loopback, with a simulated DeskDirector unless a site is given; Ctrl-C stops both."""
    from .commands.serve import serve_pair

    raise typer.Exit(serve_pair(ROOT, port, None if site else simulator_port, site))


@app.command()
def simulate(
    port: Port = 7070,
    edition: Annotated[
        Literal["psa", "tokity"] | None,
        typer.Option(help="Only this edition; both, told apart by the key, when left out."),
    ] = None,
) -> None:
    """Serve a simulated DeskDirector on loopback."""
    from .simulator import serve as serve_simulator

    serve_simulator(port=port, edition=edition)


@app.command()
def demo() -> None:
    """Tell the main job as a story against a simulated DeskDirector; exit code 0 only if every step was right."""
    from .commands.demo import tell

    raise typer.Exit(tell(ROOT))


@app.command()
def export(
    host: Annotated[str, typer.Option(help="The host name that the app runs under.")] = "your-app.azurewebsites.net",
    folder: Annotated[
        Path | None, typer.Option(help="Where to write; the committed definitions when left out.")
    ] = None,
) -> None:
    """Write every generated definition from the catalog."""
    from .faces.export import export as write

    for path in write(folder or ROOT / "connector" / "definition", host):
        typer.echo(path)
