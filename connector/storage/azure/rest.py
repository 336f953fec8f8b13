"""Azure Storage's REST interface: signed requests over the app's own transport, with two quick retries.

Written by hand because the SDK's own CPU was the price of an operation (docs/decisions). The SDK stays for identities
(`azure-identity`), and as the reference that the tests compare with.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from connector.deskdirector.errors import Unavailable
from connector.deskdirector.no_answer import NoAnswer
from connector.deskdirector.transport import AiohttpTransport, Answer, Timeout
from connector.settings import SettingsError
from connector.storage.azure.connection import SERVICES, SETTING, StorageAccount

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

VERSION: Final = "2020-12-06"
"""Of the protocol: the first in which tables take the token of an identity."""
SCOPE: Final = "https://storage.azure.com/.default"
RENEWED_BEFORE: Final = 300.0
PAUSES: Final = (0.5, 1.0, None)
"""A caller waits: two quick retries, then 503, which says when to come back."""
LIMITS: Final = Timeout(connect=5.0, total=20.0)
RETRIED: Final = frozenset((408, 429, 500, 502, 503, 504))
PER_HOST: Final = 200
SIGNED_HEADERS: Final = (
    *("content-encoding", "content-language", "content-length", "content-md5", "content-type"),
    *("date", "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"),
)


class Rest:
    """The three services of an account. It belongs to the event loop that uses it first."""

    def __init__(self, account: StorageAccount) -> None:
        self._account = account
        self._addresses: dict[str, str] = {}
        self._signature = b""
        self._name = ""
        self._sas = ""
        self._transport: AiohttpTransport | None = None
        self._credential: AsyncTokenCredential | None = None
        self._token, self._token_until = "", 0.0

    def address(self, service: str) -> str:
        """The address of a service; raises `SettingsError` when the connection string cannot be read."""
        if not self._addresses:
            self._addresses = self._read_account()
        return self._addresses[service]

    async def send(
        self,
        service: str,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Send a request; `path` begins with "/" and is percent-encoded, the values of `query` are not.

        A refusal is an answer like any other. No answer, or none that helps, is `Unavailable`.
        """
        address = self.address(service)
        whole = urlsplit(address)
        prefix = whole.path.rstrip("/")
        target = prefix + path + _encoded(query, self._sas)
        transport = self._transport = self._transport or self._open()
        for pause in PAUSES:
            signed = await self._signed(service, method, prefix + path, query or {}, headers or {}, body)
            try:
                answer = await transport.exchange(
                    method, f"{whole.scheme}://{whole.netloc}", target, signed, body, LIMITS
                )
            except NoAnswer as problem:
                reason = type(problem).__name__
            else:
                if answer.status not in RETRIED:
                    return answer
                reason = f"status {answer.status}"
            if pause is None:
                break
            await asyncio.sleep(pause)
        raise unavailable(reason)

    async def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            await transport.aclose()
        if self._credential is not None:
            credential, self._credential = self._credential, None
            await credential.close()

    def credential(self) -> "AsyncTokenCredential":
        """The identity, imported and made at first use."""
        if self._credential is None:
            self._credential = _credential(self._account)
        return self._credential

    def _open(self) -> AiohttpTransport:
        """Private endpoints have private addresses: the operator's own account may be anywhere."""
        parts = [urlsplit(self.address(service)) for service in SERVICES]
        pairs = [(part.hostname or "", part.port or (443 if part.scheme == "https" else 80)) for part in parts]
        return AiohttpTransport(exempt=pairs, per_host=PER_HOST)

    def _read_account(self) -> dict[str, str]:
        if not self._account.connection_string:
            return dict(self._account.addresses)
        parts = dict(re.findall(r"(\w+)=([^;]*)", self._account.connection_string))
        self._name, key, self._sas = (
            parts.get(name, "") for name in ("AccountName", "AccountKey", "SharedAccessSignature")
        )
        suffix = parts.get("EndpointSuffix", "core.windows.net")
        scheme = parts.get("DefaultEndpointsProtocol", "https")
        addresses = {
            service: parts.get(f"{service.title()}Endpoint", "")
            or (f"{scheme}://{self._name}.{service}.{suffix}" if self._name else "")
            for service in SERVICES
        }
        try:
            self._signature = base64.b64decode(key, validate=True)
        except binascii.Error:
            addresses = {}
        if not all(addresses.values()) or not addresses or not ((self._name and key) or self._sas):
            raise SettingsError(f"{SETTING} must be a whole storage connection string; it cannot be read.")
        self._sas = self._sas.lstrip("?")
        return addresses

    async def _signed(
        self,
        service: str,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Mapping[str, str]:
        # In small letters: the transport shares its connections by "Authorization", and here each request has its own.
        # aiohttp would add a content type by itself, unsigned.
        plain = {"content-type": "application/octet-stream"} if method in ("PUT", "POST", "PATCH") else {}
        whole = plain | {"x-ms-date": _date(int(time.time())), "x-ms-version": VERSION, **headers}
        if self._signature:
            text = _to_sign(service, method, f"/{self._name}{path}", query, whole, len(body or b""))
            digest = hmac.digest(self._signature, text.encode(), hashlib.sha256)
            whole["authorization"] = f"SharedKey {self._name}:{base64.b64encode(digest).decode()}"
        elif not self._sas:
            whole["authorization"] = f"Bearer {await self._bearer()}"
        return whole

    async def _bearer(self) -> str:
        from azure.core.exceptions import AzureError

        now = asyncio.get_running_loop().time()
        if not self._token or now > self._token_until:
            try:
                token = await self.credential().get_token(SCOPE)
            except AzureError as problem:
                raise unavailable(type(problem).__name__) from problem
            self._token = token.token
            self._token_until = now + token.expires_on - time.time() - RENEWED_BEFORE
        return self._token


@lru_cache(4)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def unavailable(reason: str) -> Unavailable:
    """The 503 for callers."""
    return Unavailable(
        "StorageUnavailable", f"Azure Storage cannot be used now ({reason}); nothing is lost. Try again.", retry_after=5
    )


def refused(answer: Answer) -> Unavailable:
    """The 503 for an answer that nobody expects."""
    return unavailable(f"status {answer.status}")


def error_code(answer: Answer) -> str:
    """What the service calls its refusal, e.g. `TableNotFound`; "" when it does not say."""
    named = answer.headers.get("x-ms-error-code")
    if named:
        return str(named)
    found = re.search(rb'"code"\s*:\s*"(\w+)"|<Code>(\w+)</Code>', answer.content)
    return (found[1] or found[2]).decode() if found else ""


def _to_sign(
    service: str, method: str, resource: str, query: Mapping[str, str], headers: Mapping[str, str], length: int
) -> str:
    """What the key signs: tables have a form of their own."""
    if service == "table":
        comp = f"?comp={query['comp']}" if "comp" in query else ""
        content_type = headers.get("content-type", "")
        return f"{method}\n\n{content_type}\n{headers['x-ms-date']}\n{resource}{comp}"
    standard = {**headers, "content-length": str(length) if length else ""}
    own = sorted(f"{name}:{value}\n" for name, value in headers.items() if name.startswith("x-ms-"))
    asked = "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    return (
        "\n".join([method, *(standard.get(name, "") for name in SIGNED_HEADERS)]) + f"\n{''.join(own)}{resource}{asked}"
    )


def _encoded(query: Mapping[str, str] | None, sas: str) -> str:
    pairs = [f"{name}={quote(value, safe='')}" for name, value in (query or {}).items()]
    text = "&".join([*pairs, sas] if sas else pairs)
    return f"?{text}" if text else ""


def _credential(account: StorageAccount) -> "AsyncTokenCredential":
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

    if account.managed_identity:
        return ManagedIdentityCredential(client_id=account.client_id or None)
    identity = {"managed_identity_client_id": account.client_id} if account.client_id else {}
    return DefaultAzureCredential(**identity)
