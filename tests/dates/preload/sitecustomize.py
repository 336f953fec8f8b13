"""Loaded by every Python process of such a run, since its folder is on PYTHONPATH.

Debian's libfaketime 0.9.10 breaks absolute sleeps on the monotonic clock (EINVAL) while it leaves that clock alone, and
`time.sleep` is one. With the monotonic clock faked too, waits on locks would never end instead.
"""

import select
import time


def _sleep(seconds: float) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    select.select([], [], [], seconds)


time.sleep = _sleep
