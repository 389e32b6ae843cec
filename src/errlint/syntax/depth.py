"""Room for libcst, which recurses on the depth of the code."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOCK = threading.Lock()
"""The recursion limit belongs to the whole process."""
_STACK = 512 * 1024 * 1024
"""Address space, not memory: only what is used of it is ever backed by memory."""
_FRAMES = 200_000


def with_room(work: Callable[[], T]) -> T:
    """What `work` gives; where it recurses too deeply, it is done again with a stack that is large enough."""
    try:
        return work()
    except RecursionError:
        return on_large_stack(work)


def on_large_stack(work: Callable[[], T]) -> T:
    """What `work` gives, with a stack for a recursion of many thousand calls. Raises RecursionError where even that is
    not enough, or the system has none to give."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # It is raised again in the thread that waits for it.
            errors.append(error)

    with _LOCK:
        limit = sys.getrecursionlimit()
        size = threading.stack_size()
        try:
            threading.stack_size(_STACK)
            sys.setrecursionlimit(max(limit, _FRAMES))
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
        except (RuntimeError, ValueError) as error:
            raise RecursionError(f"no stack of {_STACK} bytes: {error}") from error
        finally:
            threading.stack_size(size)
            sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
