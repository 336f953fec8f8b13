"""Access tokens to act as a member or a contact: made with the API key, remembered, renewed in time.

The call takes minutes (`expiresIn`) and answers seconds (`expires_in`); `expires_on` comes in no stated format, so
ISO 8601 and epoch are both read. Source: the vendor's API article for members; the contact's path is assumed, with a
rival.
"""

import asyncio
import json
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

from connector.deskdirector.endpoint import Endpoint
from connector.deskdirector.endpoints import CONTACT_USER_KEY, CONTACT_USER_KEY_RIVAL, MEMBER_USER_KEY
from connector.deskdirector.errors import BadGateway, NotFound

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
    renew_at: float


Mint = Callable[[Endpoint, Mapping[str, int]], Awaitable[bytes]]
"""Makes the upstream call for a user key with the API key, and gives the answer's content."""


@dataclass(slots=True)
class UserKeys:
    """The user keys of one event loop. `owner` is the connection's identity, so keys never cross connections."""

    clock: Callable[[], float] = time.time
    _keys: OrderedDict[tuple[str, User], _UserKey] = field(default_factory=OrderedDict, repr=False)
    _minting: dict[tuple[str, User], "asyncio.Task[str]"] = field(default_factory=dict, repr=False)
    _contact_routes: OrderedDict[str, Endpoint] = field(default_factory=OrderedDict)

    async def token(self, owner: str, site: str, user: User, mint: Mint) -> str:
        """A token for `user`; callers who ask at the same time share one mint."""
        key = (owner, user)
        known = self._keys.get(key)
        if known and self.clock() < known.renew_at:
            self._keys.move_to_end(key)
            return known.token
        task = self._minting.get(key)
        if task is None:
            task = self._minting[key] = asyncio.create_task(self._mint(key, site, mint))
            task.add_done_callback(lambda done: self._minted(key, done))
        # One caller's cancellation must not take the token away from the others.
        return await asyncio.shield(task)

    def forget(self, owner: str, user: User, token: str) -> None:
        """Drop a token that was refused, unless it has been renewed meanwhile."""
        known = self._keys.get((owner, user))
        if known and known.token == token:
            del self._keys[owner, user]

    async def _mint(self, key: tuple[str, User], site: str, mint: Mint) -> str:
        content = await self.make(key[1], site, mint)
        made = read_user_key(content, self.clock())
        self._keys[key] = made
        _trim(self._keys)
        return made.token

    def _minted(self, key: tuple[str, User], done: "asyncio.Task[str]") -> None:
        self._minting.pop(key, None)
        if not done.cancelled():
            done.exception()  # marks it as seen, when every caller has gone away

    async def make(self, user: User, site: str, mint: Mint) -> bytes:
        """Have a new key made; for a contact, find out once per site which of the two paths it has."""
        if user.kind == "member":
            return await mint(MEMBER_USER_KEY, {"memberId": user.id})
        values = {"contactId": user.id}
        route = self._contact_routes.get(site)
        if route is not None:
            return await mint(route, values)
        try:
            content = await mint(CONTACT_USER_KEY, values)
        except NotFound as missing:
            try:
                content = await mint(CONTACT_USER_KEY_RIVAL, values)
            except NotFound:
                raise missing from None
            self._remember(site, CONTACT_USER_KEY_RIVAL)
        else:
            self._remember(site, CONTACT_USER_KEY)
        return content

    def _remember(self, site: str, route: Endpoint) -> None:
        self._contact_routes[site] = route
        _trim(self._contact_routes)


def _trim(cache: OrderedDict[Any, Any]) -> None:
    while len(cache) > REMEMBERED:
        cache.popitem(last=False)


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
    return _UserKey(token, now + RENEW_AT * _lifetime(fields, now))


def _lifetime(fields: Mapping[str, object], now: float) -> float:
    """Seconds that the token lives, 0 when it is over; what was asked for when the answer does not tell."""
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


_PER_LOOP: WeakKeyDictionary[asyncio.AbstractEventLoop, UserKeys] = WeakKeyDictionary()


def user_keys() -> UserKeys:
    """The user keys of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _PER_LOOP.get(loop)
    if found is None:
        found = _PER_LOOP[loop] = UserKeys()
    return found
