"""How often does Python look for cycles while tests run? Rarely: a fifth of a test's time went into looking.

It walks all live objects each time, and a session holds a million: modules, tests and their reports.
"""

import gc
from collections.abc import Generator

import pytest

_TEN_TIMES_THE_USUAL = 7_000


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect tests without it, then set aside what is loaded by now, and look ten times less often."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(_TEN_TIMES_THE_USUAL)
        gc.enable()
