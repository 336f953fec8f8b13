"""The command `deskdirector-connector`, as a wheel installs it: the project's folder is this package's own folder.

Built into the wheel as `deskdirector_connector/__init__.py`; nothing in a checkout imports it.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Run the command line with the app of the wheel; data is kept below the user's own folder."""
    # The app and its host import `connector` and `workbench`, in this process and in those that it starts.
    sys.path.insert(0, str(HERE))
    os.environ["PYTHONPATH"] = os.pathsep.join(part for part in (str(HERE), os.environ.get("PYTHONPATH")) if part)
    os.environ.setdefault("CONNECTOR_DATA_DIR", str(_data_folder()))

    from workbench.cli.app import app

    try:
        app(prog_name="deskdirector-connector")
    except ModuleNotFoundError as missing:
        sys.exit(f"This command needs a checkout of the project: {missing.name} is not part of the wheel.")


def _data_folder() -> Path:
    """Where programs of this user keep their data on this system."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "deskdirector-connector"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "deskdirector-connector"
