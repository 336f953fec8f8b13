"""Answers that are kept for repeats are sealed, whatever the store: they hold tickets and people."""

from typing import Final

from typing_extensions import override

from connector.storage.idempotency_state import Begun, BegunState, StoredAnswer
from connector.storage.protocol import Idempotency
from connector.storage.sealing import BrokenSealError, Sealer

MARK: Final = b"sealed:"
"""Begins a sealed text. Older versions kept JSON, which never begins so; it stays readable."""


class SealedAnswers(Idempotency):
    """The idempotency keys of `store`, with their answers sealed; see `connector.storage.protocol.Idempotency`."""

    def __init__(self, store: Idempotency, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    @override
    async def begin(self, key: str, fingerprint: str, now: float, *, ttl_seconds: float = 86_400.0) -> Begun:
        begun = await self._store.begin(key, fingerprint, now, ttl_seconds=ttl_seconds)
        if begun.answer is None or not begun.answer.body.startswith(MARK):
            return begun
        sealed = begun.answer.body.removeprefix(MARK).decode(errors="replace")
        try:
            body = self._sealer.open_bytes(sealed)
        except BrokenSealError:
            return Begun(BegunState.UNKNOWN, None, begun.begun_at, begun.is_repeated)  # done, but not known how
        return Begun(begun.state, StoredAnswer(begun.answer.status, body), begun.begun_at, begun.is_repeated)

    @override
    async def finish(self, key: str, answer: StoredAnswer) -> None:
        sealed = MARK + self._sealer.seal_bytes(answer.body).encode()
        await self._store.finish(key, StoredAnswer(answer.status, sealed))

    @override
    async def mark_repeated(self, key: str) -> bool:
        return await self._store.mark_repeated(key)

    @override
    async def forget(self, key: str) -> None:
        await self._store.forget(key)

    @override
    async def mark_unknown(self, key: str) -> None:
        await self._store.mark_unknown(key)
