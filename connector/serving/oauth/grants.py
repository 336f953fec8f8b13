"""Codes, tokens and their ends. What a person agreed to travels sealed in the tokens; the store knows what was used.

- A code waits sealed for a minute and is good once; a second use ends the grant.
- A refresh token is good once, and then as long as the one that replaced it was not used, at most ten minutes: clients
  refresh twice at once, and answers get lost. An older one that comes back ends the grant (RFC 9700, 4.14.2).
- A grant that was ended is marked; access tokens are compared with the marks once a minute.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

from connector.runtime import ExpiringCache, per_loop
from connector.serving.oauth import granted
from connector.serving.oauth.sealed import Kind, seal, unseal
from connector.settings import Settings
from connector.storage.idempotency_state import BegunState, StoredAnswer
from connector.storage.protocol import Store
from connector.storage.sealing import BrokenSealError, Sealer

CODE_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 600.0
IDLE_SECONDS: Final = 30 * 86_400.0
"""A grant ends when it was not refreshed for so long,"""
LIFE_SECONDS: Final = 180 * 86_400.0
"""and after so long in any case."""
_LOOKED_SECONDS: Final = 60.0
_FINGERPRINT: Final = "oauth"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person agreed to: which connection a client may use, where, and for what."""

    id: str
    client: str
    """The digest of the client's id."""
    site: str
    key: str
    agent: str
    scope: str
    resource: str
    ends_at: float

    def __repr__(self) -> str:
        """Without the key."""
        return f"Grant({self.id}, {self.site}, {self.scope})"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A code's content: the grant, and what its redemption has to match."""

    grant: Grant
    challenge: str
    redirect: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Grants:
    """The grants of this app."""

    settings: Settings
    sealer: Sealer
    store: Callable[[], Store]
    clock: Callable[[], float] = time.time

    def new(self, client: str, connection: tuple[str, str, str], scope: str, resource: str) -> Grant:
        """A new grant; `connection`: site, key, agent."""
        site, key, agent = connection
        identity = secrets.token_urlsafe(12)
        return Grant(identity, client, site, key, agent, scope, resource, self.clock() + LIFE_SECONDS)

    async def code(self, grant: Grant, challenge: str, redirect: str) -> str:
        """A code for it."""
        code, now = secrets.token_urlsafe(32), self.clock()
        waiting = Waiting(grant, challenge, redirect, now + CODE_SECONDS)
        keys = self.store().idempotency
        await keys.begin(_code_key(code), _FINGERPRINT, now, ttl_seconds=2 * CODE_SECONDS)
        await keys.finish(_code_key(code), StoredAnswer(200, self.sealer.seal(json.dumps(asdict(waiting))).encode()))
        return code

    async def redeem(self, code: str) -> Waiting | None:
        """What a code stands for, once; None for any other text. A code that comes again ends its grant."""
        keys, key, now = self.store().idempotency, _code_key(code), self.clock()
        begun = await keys.begin(key, _FINGERPRINT, now, ttl_seconds=CODE_SECONDS)
        if begun.state is BegunState.STARTED:  # the protocol has no way to look at a key without beginning it
            await keys.forget(key)
        if begun.state is not BegunState.REPLAY or begun.answer is None:
            return None
        try:
            content = json.loads(self.sealer.open(begun.answer.body.decode()))
        except BrokenSealError:
            return None
        if not await self.store().marks.add(f"oauth code\n{key}", now, 3600.0):
            await self.end(content["ended"] if "ended" in content else content["grant"]["id"], "a code that came twice")
            return None
        left = self.sealer.seal(json.dumps({"ended": content["grant"]["id"]}))
        await keys.finish(key, StoredAnswer(410, left.encode()))  # the API key does not wait here any longer
        waiting = Waiting(**{**content, "grant": Grant(**content["grant"])})
        return waiting if waiting.expires_at > now else None

    def tokens(self, grant: Grant, generation: int = 0, scope: str = "") -> dict[str, Any]:
        """The answer of the token endpoint; the access token may have less scope than the grant."""
        now, lifetime = self.clock(), self.settings.mcp_oauth_minutes * 60
        claims = asdict(grant)
        access = {**claims, "scope": scope or grant.scope, "expires_at": now + lifetime}
        refresh = {**claims, "generation": generation, "expires_at": min(now + IDLE_SECONDS, grant.ends_at)}
        return {
            "access_token": seal(Kind.ACCESS, access, self.sealer),
            "token_type": "Bearer",
            "expires_in": lifetime,
            "scope": access["scope"],
            "refresh_token": seal(Kind.REFRESH, refresh, self.sealer),
        }

    async def refreshed(self, token: str, client: str) -> tuple[Grant, int] | None:
        """The grant of a refresh token and the next generation; None when the token is no good (any more)."""
        claims = unseal(Kind.REFRESH, token, self.sealer)
        now = self.clock()
        if claims is None or claims["client"] != client or claims["expires_at"] <= now:
            return None
        grant, generation = _grant(claims), int(claims["generation"])
        if await self.is_ended(grant.id) or not await self._is_first_or_recent(grant, generation, now):
            return None
        return grant, generation + 1

    async def _is_first_or_recent(self, grant: Grant, generation: int, now: float) -> bool:
        store, life = self.store(), grant.ends_at - now
        key = f"oauth refresh\n{grant.id}\n{generation}"
        begun = await store.idempotency.begin(key, _FINGERPRINT, now, ttl_seconds=life)
        if begun.state is BegunState.STARTED:
            await store.marks.add(key, now, life)
            return True
        is_replaced = await store.marks.has(f"oauth refresh\n{grant.id}\n{generation + 1}", now)
        if not is_replaced and now - begun.begun_at <= GRACE_SECONDS:
            return True
        await self.end(grant.id, "a token that came twice")
        return False

    def access(self, token: str) -> Grant | None:
        """The grant of an access token that has not expired."""
        claims = unseal(Kind.ACCESS, token, self.sealer)
        return _grant(claims) if claims and claims["expires_at"] > self.clock() else None

    async def end(self, grant_id: str, by: str) -> None:
        """Nothing of this grant is good any more."""
        await end_grant(self.store(), grant_id, by, self.clock())

    async def is_ended(self, grant_id: str) -> bool:
        """Whether it was ended, as of now."""
        ended = await self.store().marks.has(_ended_key(grant_id), self.clock())
        _ended().put(grant_id, ended, _LOOKED_SECONDS)
        return ended

    async def was_ended(self, grant_id: str) -> bool:
        """Whether it was ended, as of a minute ago at most: calls of tools ask this."""
        known = _ended().get(grant_id, None)
        return await self.is_ended(grant_id) if known is None else known

    async def revoke(self, token: str, client: str) -> None:
        """End the grant of an access or refresh token, if it is one of this client's."""
        for kind in (Kind.REFRESH, Kind.ACCESS):
            claims = unseal(kind, token, self.sealer)
            if claims is not None and claims["client"] == client:
                await self.end(claims["id"], "its client")


async def end_grant(store: Store, grant_id: str, by: str, now: float) -> None:
    """End a grant and say who ended it."""
    await store.marks.add(_ended_key(grant_id), now, LIFE_SECONDS)
    _ended().put(grant_id, True, _LOOKED_SECONDS)
    await granted.ended(store, grant_id, by, now)


def _grant(claims: dict[str, Any]) -> Grant:
    return Grant(**{name: claims[name] for name in Grant.__slots__})


def _code_key(code: str) -> str:
    return f"oauth code\n{hashlib.sha256(code[:200].encode()).hexdigest()}"


def _ended_key(grant_id: str) -> str:
    return f"oauth ended\n{grant_id}"


@per_loop
def _ended() -> ExpiringCache[str, bool]:
    return ExpiringCache(5000)
