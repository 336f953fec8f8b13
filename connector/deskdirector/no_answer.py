"""Why a call has no answer, and whether DeskDirector may have received the request.

A retry depends on the second: a create that is sent twice makes two tickets.

    NoAnswer
    ├── NotSent               sent is Sent.NO: no connection (refused, unreachable, no TLS)
    │   ├── NameNotFound      the host name does not exist
    │   ├── AddressRefused    the host is, or resolves to, an address that is not public
    │   ├── CertificateRefused  the certificate does not prove that the server is the host
    │   ├── ConnectTimeout    no connection in time
    │   └── HostBusy          too many calls to this host are under way
    └── MaybeSent             sent is Sent.MAYBE
        ├── ConnectionLost    reset, while sending or answering
        ├── AnswerBroken      closed before or inside the answer, or the answer is not HTTP
        │   ├── AnswerTooLarge  over the size limit
        │   └── MemorySpent   all answers that are being read together are over the process's limit
        └── AnswerTimeout     no complete answer in time

Their texts hold no address, header or body.
"""

# ruff: noqa: N818  (the names say what happened; all are errors)

from enum import Enum
from typing import ClassVar


class Sent(Enum):
    """How far a failed request got, when no answer came."""

    NO = "surely not sent"
    MAYBE = "may have been sent"


class NoAnswer(Exception):
    """No complete answer came."""

    sent: ClassVar[Sent] = Sent.MAYBE


class NotSent(NoAnswer):
    """The connection could not be made, so nothing was sent."""

    sent = Sent.NO


class NameNotFound(NotSent):
    """The host name does not exist."""


class AddressRefused(NotSent):
    """The host is, or resolves to, an address that is not public."""


class CertificateRefused(NotSent):
    """The server's certificate does not prove that it is the host."""


class ConnectTimeout(NotSent):
    """No connection in time."""


class HostBusy(NotSent):
    """Too many calls to this host are under way."""


class MaybeSent(NoAnswer):
    """The connection was made; the request may have arrived."""


class ConnectionLost(MaybeSent):
    """The connection broke while sending or answering."""


class AnswerBroken(MaybeSent):
    """The server closed the connection before or inside its answer, or the answer is not HTTP."""


class AnswerTooLarge(AnswerBroken):
    """The decoded answer is over the size limit."""


class MemorySpent(AnswerBroken):
    """The answers that this process is reading are together over its limit, and this one is not small."""


class AnswerTimeout(MaybeSent):
    """No complete answer in time."""
