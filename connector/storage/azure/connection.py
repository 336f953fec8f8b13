"""Which storage account, and as whom: read from the settings that every Functions app has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from connector.settings import SettingsError

SETTING: Final = "AzureWebJobsStorage"
SERVICES: Final = ("table", "queue", "blob")

# The account that every Azurite has, on its usual ports; documented by Microsoft, a secret to nobody.
EMULATOR: Final = "devstoreaccount1"
EMULATOR_KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
EMULATOR_CONNECTION: Final = ";".join(
    [
        "DefaultEndpointsProtocol=http",
        f"AccountName={EMULATOR}",
        f"AccountKey={EMULATOR_KEY}",
        f"BlobEndpoint=http://127.0.0.1:10000/{EMULATOR}",
        f"QueueEndpoint=http://127.0.0.1:10001/{EMULATOR}",
        f"TableEndpoint=http://127.0.0.1:10002/{EMULATOR}",
    ]
)


@dataclass(frozen=True, slots=True)
class StorageAccount:
    """A connection string, or the addresses of the services and an identity."""

    connection_string: str = field(default="", repr=False)
    addresses: Mapping[str, str] = field(default_factory=dict)
    managed_identity: bool = False
    client_id: str = ""

    @property
    def is_emulator(self) -> bool:
        """Whether it is Azurite, on this machine, rather than Azure."""
        return f"AccountName={EMULATOR};" in f"{self.connection_string};"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "StorageAccount | None":
        """The account that `AzureWebJobsStorage` or `AzureWebJobsStorage__…` names; None when nothing is set."""
        text = environment.get(SETTING, "").strip()
        if text:
            return cls(EMULATOR_CONNECTION if text.lower().startswith("usedevelopmentstorage=true") else text)
        addresses = _addresses(environment)
        if not addresses:
            return None
        return cls(
            addresses=addresses,
            managed_identity=environment.get(f"{SETTING}__credential", "").strip().lower() == "managedidentity",
            client_id=environment.get(f"{SETTING}__clientId", "").strip(),
        )


def _addresses(environment: Mapping[str, str]) -> dict[str, str]:
    """Service -> address: from the account's name, or given; the others differ in the service's name only."""
    name = environment.get(f"{SETTING}__accountName", "").strip()
    if name:
        return {service: f"https://{name}.{service}.core.windows.net" for service in SERVICES}
    given = {service: environment.get(f"{SETTING}__{service}ServiceUri", "").strip() for service in SERVICES}
    derived = {
        service: address.replace(f".{known}.", f".{service}.", 1)
        for known, address in given.items()
        for service in SERVICES
        if f".{known}." in address
    }
    addresses = derived | {service: address for service, address in given.items() if address}
    missing = [f"{SETTING}__{service}ServiceUri" for service in SERVICES if service not in addresses]
    if addresses and missing:
        raise SettingsError(f"{' and '.join(missing)} must be set too: the address cannot be told from the others.")
    return addresses
