"""Waiting for what will come, with a generous limit."""

import os
import time

# A build with sanitizers is slower: tests/e2e/CMakeLists.txt sets it there.
PATIENCE = float(os.environ.get("USAGE_PATIENCE", "1"))


def eventually(what, ask, seconds=60, pause=0.1):
    """Calls `ask` until it returns something true, and returns that.

    An exception is "not yet" too. Raises AssertionError that says `what` did not come and what was
    there instead. `seconds` are those of a release build on an idle machine, times a lot.
    """
    deadline = time.monotonic() + seconds * PATIENCE
    while True:
        try:
            last = ask()
            if last:
                return last
        except (OSError, ValueError, KeyError, RuntimeError, AssertionError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds * PATIENCE:.0f} s; last: {last!r}")
        time.sleep(pause)


def holds(what, ask, seconds, pause=0.1):
    """`ask` is true now and stays so for `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = ask()
        if not value:
            raise AssertionError(f"{what}: no longer: {value!r}")
        time.sleep(pause)
