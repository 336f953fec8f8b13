"""Run by azd before it provisions: hands every `azd env set CONNECTOR_… value` to the templates.

azd cannot pass "every variable with this prefix", so they go into one variable, in base64 because azd pastes values
into JSON as they are. Standard library only: deploying needs no installation of the project.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping

PREFIX = "CONNECTOR_"
IN_KEY_VAULT = "CONNECTOR_SECRETS_KEY"
VARIABLE = "DEPLOY_ENCODED_SETTINGS"


def encoded(environment: Mapping[str, str]) -> str:
    """Every setting but the sealing key as base64 of a JSON object."""
    settings = {name: value for name, value in environment.items() if name.startswith(PREFIX) and name != IN_KEY_VAULT}
    return base64.b64encode(json.dumps(settings, sort_keys=True).encode()).decode()


def main() -> int:
    """Write the variable into the azd environment."""
    if not os.environ.get(IN_KEY_VAULT):
        sys.stderr.write(f"{IN_KEY_VAULT} is not set; docs/deploy.md says how to make one.\n")
        return 1
    return subprocess.run(["azd", "env", "set", VARIABLE, encoded(os.environ)], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
