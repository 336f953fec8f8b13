"""Who is calling. The credential alone chooses the tenant: a Tokity key leads to the Tokity edition, a PSA key to the
PSA edition, and a token to the tenant that minted it.

Tokity takes `Basic base64(user:password)` and `DdApi` with the same base64 (how the certified connector
sends it); PSA editions take `DdApi key` only; both take `DdAccessToken token`; a Tokity agent's personal access token
comes as `Basic token`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from typing import Literal

from workbench.simulator.clock import MINUTE, TICKS_PER_SECOND, wire
from workbench.simulator.records import Contact, Member
from workbench.simulator.tenant import Tenant
from workbench.simulator.wire import CONNECTOR, dump, forbidden, unauthorized

# Clearly made up, so that they can be printed, and shaped like the real ones: a long URL-safe password, a bare key.
TOKITY_USER = "simulator"
TOKITY_PASSWORD = "not-a-secret-4VQ2mZ8sKx1tYb7LwD0nRj5cHg9uEf3aPoT6iXqMvB-simulator-only-password_00000"  # noqa: S105
READ_ONLY_USER = "simulator-read-only"
PSA_KEY = "not-a-secret-psa-key-7f3d0c5a91e84b26"
PERSONAL_TOKEN_PREFIX = "not-a-secret-pat-member-"  # noqa: S105
DEFAULT_TOKEN_MINUTES = 60


def basic(user: str, password: str) -> str:
    """The base64 text that DeskDirector's API-key page shows for Power Automate."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


TOKITY_KEY = basic(TOKITY_USER, TOKITY_PASSWORD)
READ_ONLY_KEY = basic(READ_ONLY_USER, TOKITY_PASSWORD)


class Access(Flag):
    """Kinds of caller; a route names those it serves."""

    OPEN = 0
    KEY = auto()
    MEMBER = auto()
    CONTACT = auto()
    QUERY_TOKEN = auto()
    STAFF = KEY | MEMBER
    USER = MEMBER | CONTACT
    ANYONE = KEY | MEMBER | CONTACT


@dataclass(frozen=True, slots=True)
class Caller:
    """The API member (`user` is None), a member or a contact."""

    tenant: Tenant
    access: Access
    user: Member | Contact | None = None
    read_only: bool = False

    @property
    def label(self) -> str:
        """`api`, `member:11` or `contact:1001`."""
        if self.user is None:
            return "api"
        return f"{self.user_type}:{self.user.id}"

    @property
    def user_type(self) -> Literal["member", "contact"]:
        """DeskDirector's two kinds of users; the API member is a member."""
        return "contact" if isinstance(self.user, Contact) else "member"

    @property
    def contact(self) -> Contact:
        """The calling contact."""
        if not isinstance(self.user, Contact):
            raise forbidden("Only a contact can do this; send a contact's access token.")
        return self.user

    @property
    def member(self) -> Member:
        """The calling member."""
        if not isinstance(self.user, Member):
            raise forbidden("Only a member can do this; send a member's access token.")
        return self.user


def identify(tenants: Mapping[str, Tenant], authorization: str) -> Caller:
    """The caller behind an `Authorization` header; 401 when it opens nothing here."""
    scheme, _, credential = authorization.strip().partition(" ")
    credential = credential.strip()
    match scheme.lower():
        case "basic":
            caller = _tokity(tenants, credential) or _personal(tenants, credential)
        case "ddapi":
            caller = _tokity(tenants, credential) or _psa(tenants, credential)
        case "ddaccesstoken":
            caller = token_caller(tenants, credential)
        case _:
            caller = None
    if caller is None:
        raise unauthorized()
    return caller


def authorize(caller: Caller, allow: Access, *, reads: bool) -> None:
    """403 unless this kind of caller may use the route."""
    if not caller.access & allow:
        needed = "a user's access token" if caller.access is Access.KEY else "another kind of credential"
        raise forbidden(f"This endpoint needs {needed}.")
    if caller.read_only and not reads:
        raise forbidden("This API key has read-only permission.")


# Where which credential is proven, first matching path prefix. Elsewhere none is.
_PROVEN_SCHEMES: Sequence[tuple[str, Mapping[str, tuple[str, ...]]]] = (
    ("/api/v2/automate/connector", {"tokity": ("ddapi key",), "psa": ("ddapi key",)}),
    ("/api/v2/copilot", {"tokity": ("basic personal",)}),
    ("/api/v2/user/member/", {"tokity": ("basic key",), "psa": ("ddapi key",)}),
    ("/api/v3/", {"tokity": ("ddaccesstoken token",), "psa": ("ddaccesstoken token",)}),
    # User tokens are proven here. That a key comes in the scheme of its edition, as for user keys, is a guess.
    ("/api", {"tokity": ("ddaccesstoken token", "basic key"), "psa": ("ddaccesstoken token", "ddapi key")}),
)


def check_scheme(caller: Caller, scheme: str, path: str) -> None:
    """401 when the profile accepts only proven schemes and this is none there. That it is a 401 is a guess."""
    profile = caller.tenant.profile
    if profile.basic_only and path.startswith(CONNECTOR):
        if scheme.lower() == "ddapi" and caller.tenant.edition == "tokity":
            raise unauthorized()
        return
    if profile.any_scheme:
        return
    kind = "key" if caller.access is Access.KEY else "token" if scheme.lower() == "ddaccesstoken" else "personal"
    accepted: tuple[str, ...] = next(
        (
            by_edition.get(caller.tenant.edition, ())
            for prefix, by_edition in _PROVEN_SCHEMES
            if path.startswith(prefix)
        ),
        (),
    )
    if f"{scheme.lower()} {kind}" not in accepted:
        raise unauthorized()


def _tokity(tenants: Mapping[str, Tenant], credential: str) -> Caller | None:
    tenant = tenants.get("tokity")
    if tenant is None or credential not in {TOKITY_KEY, READ_ONLY_KEY}:
        return None
    return Caller(tenant, Access.KEY, read_only=credential == READ_ONLY_KEY)


def _psa(tenants: Mapping[str, Tenant], credential: str) -> Caller | None:
    tenant = tenants.get("psa")
    return Caller(tenant, Access.KEY) if tenant and credential == PSA_KEY else None


def _personal(tenants: Mapping[str, Tenant], credential: str) -> Caller | None:
    tenant = tenants.get("tokity")
    number = credential.removeprefix(PERSONAL_TOKEN_PREFIX)
    if tenant is None or number == credential or not number.isdecimal():
        return None
    member = tenant.members.get(int(number))
    return Caller(tenant, Access.MEMBER, member) if member else None


def personal_token(member_id: int) -> str:
    """The personal access token of a Tokity member."""
    return f"{PERSONAL_TOKEN_PREFIX}{member_id}"


def token_caller(tenants: Mapping[str, Tenant], token: str) -> Caller | None:
    """The user whose living token this is."""
    for tenant in tenants.values():
        minted = tenant.tokens.get(token)
        if minted is not None:
            user, expires = minted
            access = Access.CONTACT if isinstance(user, Contact) else Access.MEMBER
            return Caller(tenant, access, user) if tenant.clock.now() < expires else None
    return None


def mint(tenant: Tenant, user: Member | Contact, minutes: int) -> dict[str, object]:
    """A new access token, answered with DeskDirector's own mix of names; `minutes` in, seconds out."""
    expires = tenant.clock.now() + minutes * MINUTE
    token = _jwt(tenant, user, expires)
    tenant.tokens[token] = (user, expires)
    return {"userKey": token, "expires_in": minutes * 60, "expires_on": wire(expires)}


def _jwt(tenant: Tenant, user: Member | Contact, expires: int) -> str:
    claims: dict[str, object] = {
        "sub": tenant.user_id(user),
        "email": user.email,
        "jti": len(tenant.tokens) + 1,
        "exp": expires // TICKS_PER_SECOND,
    }
    if isinstance(user, Contact):
        claims["companyId"] = user.company_id
    signed = ".".join(_segment(dump(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.new(tenant.edition.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_segment(signature)}"


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
