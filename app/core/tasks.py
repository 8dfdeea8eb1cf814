"""Ending tasks for sure."""

import asyncio
from typing import Any, Final

_AGAIN_SECONDS: Final = 0.5


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they are done, whatever they end with.

    Once is not enough on Python 3.11: `asyncio.wait_for`, through which the driver sends, loses a cancellation that
    comes in the same turn as its result (https://github.com/python/cpython/issues/86296); a loop would go on for ever.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=_AGAIN_SECONDS)
    for task in tasks:
        if not task.cancelled():
            # What nobody has looked at is logged as lost.
            task.exception()
