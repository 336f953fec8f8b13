"""Access tokens to act as a member or a contact: made with the API key, remembered, renewed in time.

The call takes minutes (`expiresIn`) and answers seconds (`expires_in`); `expires_on` comes in no stated format, so
ISO 8601 and epoch are both read. Source: the vendor's API article for members; the contact's path is assumed, with a
rival.
"""

import json
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import CONTACT_USER_KEY, CONTACT_USER_KEY_RIVAL, MEMBER_USER_KEY
from connector.deskdirector.errors import BadGateway, NotFound
from connector.runtime import ExpiringCache, SharedWork, per_loop

LIFETIME_MINUTES = 60
RENEW_AT = 0.8
REMEMBERED = 2000

_EPOCH_MILLISECONDS = 1e11
_USER_KEY_NAMES = ("userkey", "user_key", "accesstoken", "access_token")
_TOKEN = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class User:
    """Whom a call is made as."""

    kind: Literal["contact", "member"]
    id: int


def contact(contact_id: int) -> User:
    """The contact with this id."""
    return User("contact", contact_id)


def member(member_id: int) -> User:
    """The member (agent) with this id."""
    return User("member", member_id)


class _UserKey(NamedTuple):
    token: str
    seconds: float
    """How long it is used; it lives longer, but is renewed in time."""


Mint = Callable[[Endpoint, Mapping[str, int]], Awaitable[bytes]]
"""Makes the upstream call for a user key with the API key, and gives the answer's content."""


class UserKeys:
    """The user keys of one event loop. `owner` is the connection's identity, so keys never cross connections."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._keys: ExpiringCache[tuple[str, User], str] = ExpiringCache(REMEMBERED, clock)
        self._minting: SharedWork[tuple[str, User], str] = SharedWork()
        self._contact_routes: ExpiringCache[str, Endpoint] = ExpiringCache(REMEMBERED, clock)

    async def token(self, owner: str, site: str, user: User, mint: Mint) -> str:
        """A token for `user`; callers who ask at the same time share one mint."""
        key = (owner, user)
        known = self._keys.get(key, None)
        if known is not None:
            return known
        return await self._minting.run(key, lambda: self._mint(key, site, mint))

    def forget(self, owner: str, user: User, token: str) -> None:
        """Drop a token that was refused, unless it has been renewed meanwhile."""
        if self._keys.get((owner, user), None) == token:
            self._keys.drop((owner, user))

    async def _mint(self, key: tuple[str, User], site: str, mint: Mint) -> str:
        content = await self.make(key[1], site, mint)
        made = read_user_key(content, self._clock())
        self._keys.put(key, made.token, made.seconds)
        return made.token

    async def make(self, user: User, site: str, mint: Mint) -> bytes:
        """Have a new key made; for a contact, find out once per site which of the two paths it has."""
        if user.kind == "member":
            return await mint(MEMBER_USER_KEY, {"memberId": user.id})
        values = {"contactId": user.id}
        route = self._contact_routes.get(site, None)
        if route is not None:
            return await mint(route, values)
        try:
            content = await mint(CONTACT_USER_KEY, values)
        except NotFound as missing:
            try:
                content = await mint(CONTACT_USER_KEY_RIVAL, values)
            except NotFound:
                raise missing from None
            self._contact_routes.put(site, CONTACT_USER_KEY_RIVAL)
        else:
            self._contact_routes.put(site, CONTACT_USER_KEY)
        return content


def read_user_key(content: bytes, now: float) -> _UserKey:
    """The token and when to renew it, from `{"userKey", "expires_in", "expires_on"}` in any casing."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    fields = {str(name).lower(): value for name, value in answer.items()} if isinstance(answer, dict) else {}
    token = next((fields[name] for name in _USER_KEY_NAMES if fields.get(name)), None)
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise BadGateway("UserKeyUnreadable", "DeskDirector's answer holds no access token for this user.")
    return _UserKey(token, RENEW_AT * _lifetime(fields, now))


def _lifetime(fields: Mapping[str, object], now: float) -> float:
    """Seconds that the token lives, 0 when it is over; the requested life when the answer does not say."""
    seconds = _number(fields.get("expires_in"))
    if seconds is None:
        moment = _moment(fields.get("expires_on"))
        seconds = LIFETIME_MINUTES * 60 if moment is None else moment - now
    return max(0.0, seconds)


def _moment(value: object) -> float | None:
    number = _number(value)
    if number is not None:
        return number / 1000 if number > _EPOCH_MILLISECONDS else number
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.strip()))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if number == number and abs(number) != float("inf") else None


@per_loop
def user_keys() -> UserKeys:
    """The user keys of the running event loop."""
    return UserKeys()
