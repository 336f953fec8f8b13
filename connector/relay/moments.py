"""Times as operators read them."""

from datetime import UTC, datetime


def wire(seconds: float) -> str | None:
    """ISO 8601 in UTC; None for 0, which stands for never."""
    return moment(seconds) if seconds else None


def moment(seconds: float) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
