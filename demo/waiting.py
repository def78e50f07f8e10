"""Waits for what is there at once, or on a busy machine a little later."""

import asyncio
from collections.abc import Awaitable, Callable
import time
from typing import Final

WAIT_S: Final = 20.0


class CheckFailedError(Exception):
    """Something is not as it has to be; the message says what."""


async def until[T](found: Callable[[], Awaitable[T]], otherwise: str) -> T:
    """Return what is found, once it is.

    Args:
        found: returns nothing, or what is the same as nothing, until it is there.
        otherwise: what is to be said if it never is.

    Raises:
        CheckFailedError: it never was.
    """
    deadline = time.monotonic() + WAIT_S
    while not (value := await found()):
        if time.monotonic() > deadline:
            raise CheckFailedError(otherwise)
        await asyncio.sleep(0.1)
    return value
