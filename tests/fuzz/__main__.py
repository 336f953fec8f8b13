"""`python -m tests.fuzz --seconds 300`: bounded, on the loopback only; the exit code is schemathesis's own."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.desk import running_desk, running_simulator

# What differs here by design: the reader is lenient and asks the site (names, routes), so a call that fits the schema
# may be refused and one that does not be read; as in Azure, a wrong method is a 404 and no 405.
LEFT_OUT = ("positive_data_acceptance", "negative_data_rejection", "unsupported_method", "missing_required_header")


def main() -> int:
    """Fuzz the running app for so many seconds."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as data,
        running_simulator(tickets=30) as simulator,
        running_desk(simulator, CONNECTOR_DATA_DIR=data) as (desk, _),
    ):
        headers = [part for name, value in desk.headers().items() for part in ("-H", f"{name}: {value}")]
        program = str(Path(sys.executable).parent / "schemathesis")
        command = [program, "--config-file", str(Path(__file__).parent / "schemathesis.toml"), "run",
                   f"{desk.url}/api/openapi.json", "--url", f"{desk.url}/api", *headers,
                   "--max-time", str(asked.seconds), "--seed", str(asked.seed), "--no-shrink",
                   "--continue-on-failure",
                   "--exclude-checks", ",".join(LEFT_OUT), "--generation-database", "none", "--warnings", "off",
                   "--request-timeout", "100", "--max-failures", "20"]  # fmt: skip
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
