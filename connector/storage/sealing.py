"""Secrets at rest: callback URLs, webhook secrets, tokens and keys are sealed with Fernet (AES-CBC and HMAC-SHA256).

A sealed text is `<key id>.<Fernet token>`. The key id distinguishes a damaged secret (quarantine the record) from one
whose key is missing (the operator must put it back; nothing may be thrown away meanwhile).
"""

import base64
import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connector.deskdirector.errors import Unavailable
from connector.setting_values import HOW_TO_MAKE_A_KEY, KEY_BYTES, is_fernet_key
from connector.settings import Settings, SettingsError, in_azure

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_FILE = "secrets.key"


class BrokenSealError(ValueError):
    """The sealed text was damaged; no key opens it."""


class Sealer:
    """Seals with the first of its keys and opens with any; rotate by putting a new key in front."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys (url-safe base64 of 32 bytes), newest first; raise `SettingsError` for any other text."""
        if not keys or not all(map(is_fernet_key, keys)):
            raise SettingsError(f"CONNECTOR_SECRETS_KEY must be Fernet keys; make one with: {HOW_TO_MAKE_A_KEY}")
        self._keys = {_key_id(key): key for key in keys}
        self._newest = _key_id(keys[0])
        self._opened: dict[str, Fernet] = {}

    def seal(self, text: str) -> str:
        """The sealed form of a text."""
        return self.seal_bytes(text.encode())

    def seal_bytes(self, data: bytes) -> str:
        """The sealed form of any bytes."""
        return f"{self._newest}.{self._fernet(self._newest).encrypt(data).decode()}"

    def open(self, sealed: str) -> str:
        """The text. Raises `BrokenSealError` for a damaged one and `Unavailable` when its key is not set here."""
        try:
            return self.open_bytes(sealed).decode()
        except UnicodeDecodeError:
            raise BrokenSealError("the seal is broken") from None

    def open_bytes(self, sealed: str) -> bytes:
        """The bytes; raises what `open` raises."""
        from cryptography.fernet import InvalidToken

        key_id, _, token = sealed.partition(".")
        if not token or len(key_id) != len(self._newest):
            raise BrokenSealError("not a sealed text")
        if key_id not in self._keys:
            raise Unavailable(
                "SecretsKeyMissing",
                f"A secret was sealed with key {key_id}, which CONNECTOR_SECRETS_KEY no longer lists; add it.",
                retry_after=60,
            )
        try:
            return self._fernet(key_id).decrypt(token)
        except (InvalidToken, ValueError):  # the second for characters that no token has
            raise BrokenSealError("the seal is broken") from None

    def is_newest(self, sealed: str) -> bool:
        """Whether it was sealed with the newest key; if not, saving its record again renews it."""
        return sealed.startswith(f"{self._newest}.")

    def _fernet(self, key_id: str) -> "Fernet":
        if key_id not in self._opened:
            from cryptography.fernet import Fernet

            self._opened[key_id] = Fernet(self._keys[key_id])
        return self._opened[key_id]


def _key_id(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def open_sealer(settings: Settings, environment: Mapping[str, str], *, shared: bool) -> Sealer:
    """The sealer of this app. `shared` storage (in Azure) needs the key as a setting; alone, a key file is made."""
    keys = [key for key in settings.secrets_key.replace(",", " ").split() if key]
    if keys:
        return Sealer(keys)
    if shared or in_azure(environment):
        raise SettingsError(
            f"CONNECTOR_SECRETS_KEY must be set in Azure: it seals callback URLs and webhook secrets. "
            f"Make one with: {HOW_TO_MAKE_A_KEY}"
        )
    try:
        return Sealer([_key_from_file(Path(settings.data_dir) / KEY_FILE)])
    except OSError as problem:
        raise Unavailable(
            "StorageUnavailable",
            f"The folder of CONNECTOR_DATA_DIR cannot be used now ({problem.strerror}); nothing was saved. Try again.",
            retry_after=5,
        ) from None


def _key_from_file(path: Path) -> str:
    """Read the key, or make it; the second process to make one reads that of the first."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # created with mode 600
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)))
            file.flush()
            os.fsync(handle)
        with suppress(FileExistsError):
            path.hardlink_to(draft)  # never visible half-written, never replaces a key that is in use
        Path(draft).unlink()
    return path.read_text().strip()
