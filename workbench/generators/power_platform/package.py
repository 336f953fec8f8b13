"""What a person uploads: the zip for certification, and the files for a custom connector of one's own.

The layout of the zip is the one that Microsoft's ConnectorPackageValidator.ps1 asks for: `intro.md` and one zip, which
holds a folder `PkgAssets` with the solution of the connector and the solution of a flow that uses it.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from connector.operations.operation import Operation
from workbench.generators.archive import zipped
from workbench.generators.identity import TITLE, placeholders_left, with_warnings
from workbench.generators.json_text import as_json
from workbench.generators.power_platform import (
    DEFINITION,
    FOLDER,
    ICON,
    INTRO,
    MULTI_AUTH,
    PROPERTIES,
    SETTINGS,
    render,
)
from workbench.generators.power_platform.solution import connector_solution, flow_solution

CUSTOM = "custom-connector"


def package(operations: Mapping[str, Operation], folder: Path, host: str) -> str:
    """Write the certification zip and the custom connector's files below `folder`; what is left for a person to do."""
    files = {path.removeprefix(f"{FOLDER}/"): content for path, content in render(operations, host).items()}
    folder = folder / FOLDER
    custom = folder / CUSTOM
    custom.mkdir(parents=True, exist_ok=True)
    for name in (DEFINITION, ICON, SETTINGS):
        (custom / name).write_bytes(files[name])
    for name in (PROPERTIES, MULTI_AUTH):
        (custom / name).write_bytes(_without_owner(files[name]))
    archive = folder / f"{TITLE.replace(' ', '')}.zip"
    archive.write_bytes(certification_zip(files, operations))
    return _instructions(archive, custom, host)


def certification_zip(files: Mapping[str, bytes], operations: Mapping[str, Operation]) -> bytes:
    """The outer zip, the same bytes for the same content."""
    properties = json.loads(files[PROPERTIES])["properties"]
    connector = connector_solution(files[DEFINITION], properties, files[ICON])
    flow = flow_solution(files[DEFINITION], properties, files[ICON], operations)
    assets = {"PkgAssets/ConnectorSolution.zip": zipped(connector), "PkgAssets/FlowSolution.zip": zipped(flow)}
    return zipped({INTRO: files[INTRO], "package.zip": zipped(assets)})


def _without_owner(properties: bytes) -> bytes:
    """`paconn update` refuses properties with a stackOwner."""
    document = json.loads(properties)
    del document["properties"]["stackOwner"]
    return as_json(document)


def _instructions(archive: Path, custom: Path, host: str) -> str:
    parameters = f"--api-def {DEFINITION} --api-prop {PROPERTIES} --icon {ICON}"
    steps = f"""\
A custom connector of your own, in {custom}:
  paconn login
  paconn create {parameters}
  paconn update {parameters} --connector-id <its id>   (later, for a new version)
  {MULTI_AUTH} in the place of {PROPERTIES} lets makers choose the kind of key.

Certification, with {archive}:
  1. Import PkgAssets/ConnectorSolution.zip, then PkgAssets/FlowSolution.zip into a test environment.
  2. Call every operation at least ten times with success, and run the flow.
  3. Export both solutions again, unmanaged, and put them into the zip if the import renamed anything.
  4. Run Microsoft's ConnectorPackageValidator.ps1 on the zip.
  5. Upload the zip to a blob, make a read link that is valid for at least 15 days, and submit it in Partner Center."""
    return with_warnings(placeholders_left(host), steps)
