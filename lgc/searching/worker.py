"""A process that tries proposals, see `processes`: the work comes in once, then proposals."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from queue import SimpleQueue
from typing import Any

from .processes import Told, put, take
from .trials import Outcome, Work, attempt


def main() -> None:
    """Serve standard input until it ends, and then leave, whatever is being done."""
    source = sys.stdin.buffer
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no message
    messages: SimpleQueue[Any] = SimpleQueue()

    def listen() -> None:
        while (message := take(source)) is not None:
            messages.put(message)
        os._exit(0)

    def tell(epoch: int, hard: float) -> None:
        put(sink, Told(epoch, hard))

    threading.Thread(target=listen, daemon=True).start()
    work: Work | None = None
    while True:
        message = messages.get()
        if isinstance(message, bytes):
            work = pickle.loads(message)
            continue
        assert work is not None
        outcome: Outcome = attempt(work, message, tell)
        put(sink, outcome)


if __name__ == "__main__":
    main()
