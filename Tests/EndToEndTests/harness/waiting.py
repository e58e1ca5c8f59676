"""Waiting for a condition instead of sleeping and hoping."""

import time

PAUSE_SECONDS = 0.02


def eventually(check, what, timeout=30.0):
    """Calls `check` until it returns something true, and returns that.

    `check` may raise AssertionError or a connection error: that counts as not yet. When the time is up, the last
    reason is part of the failure.
    """
    deadline = time.monotonic() + timeout
    reason = None
    while True:
        try:
            result = check()
            if result:
                return result
            reason = f"last seen: {result!r}"
        except (AssertionError, OSError) as error:
            reason = f"last error: {error!r}"
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what} ({reason})")
        time.sleep(PAUSE_SECONDS)
