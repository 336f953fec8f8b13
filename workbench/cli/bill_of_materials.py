"""What the deployed app consists of, as CycloneDX: the pinned packages with their hashes."""

import subprocess
import sys
from pathlib import Path

NAME = "sbom.cdx.json"


def write_bill_of_materials(root: Path, folder: Path) -> Path:
    """Write the bill of `requirements.lock`, the same for the same lock; raises `OSError` when it cannot be made."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / NAME
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", "--short-PURLs",
               "--pyproject", str(root / "pyproject.toml"), "--of", "JSON",
               "--output-file", str(target), str(root / "requirements.lock")]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own arguments
    if done.returncode:
        raise OSError(f"The bill of materials cannot be made: {done.stderr.strip()[-300:]}")
    return target
