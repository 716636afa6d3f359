"""Code generation in several processes, since llvmlite holds one lock around every LLVM call.

This process takes pieces too. The others are Python interpreters that run `worker` and know
nothing of the caller's program: it need not be importable, and it may itself be a worker of a pool.
Where one cannot be started, or ends early, its pieces are made here; objects are the same bytes.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import llvmlite.binding as llvm

from lgc.interfaces import Progress
from lgc.parallel import available

from .machine import Machine

EACH = 2
"""Pieces for which another process pays: it takes about as long to start as one takes to make."""


def emit(
    texts: list[str], machine: Machine, level: int, progress: Progress | None = None
) -> list[bytes]:
    """The object of each LLVM text.

    Args:
        level: of LLVM's code generator.
    """
    work = _Work(texts, machine, level)
    count = min(available(), len(texts) // EACH) - 1 if _can_start() else 0
    threads: list[threading.Thread] = []
    try:
        with contextlib.suppress(RuntimeError):  # no more threads, or the interpreter is leaving
            for _ in range(count):
                thread = threading.Thread(target=work.delegate, daemon=True)
                thread.start()
                threads.append(thread)
        return work.run(progress)
    finally:
        work.stop()
        for thread in threads:
            thread.join()


_WORKER = Path(__file__).with_name("worker.py")


def _can_start() -> bool:
    """Whether there is an interpreter to start, and not a program with Python inside."""
    return bool(sys.executable) and not getattr(sys, "frozen", False) and _WORKER.is_file()


@dataclass
class _Work:
    """Pieces to make, pieces made, and a notice for each thing that happened elsewhere."""

    texts: list[str]
    machine: Machine
    level: int
    todo: deque[int] = field(init=False)
    made: dict[int, bytes] = field(default_factory=dict[int, bytes])
    happened: SimpleQueue[None] = field(default_factory=SimpleQueue[None])
    processes: list[subprocess.Popen[bytes]] = field(
        default_factory=list["subprocess.Popen[bytes]"]
    )
    stopped: bool = False

    def __post_init__(self) -> None:
        self.todo = deque(range(len(self.texts)))

    def run(self, progress: Progress | None) -> list[bytes]:
        """Make pieces here until all are there."""
        target = self.machine.target_machine(self.level)
        while len(self.made) < len(self.texts):
            try:
                place = self.todo.popleft()
            except IndexError:  # others are at the last ones; one that fails puts its piece back
                self.happened.get()
            else:
                self.made[place] = target.emit_object(llvm.parse_assembly(self.texts[place]))
            if progress is not None:
                progress(len(self.made), len(self.texts))
        return [self.made[place] for place in range(len(self.texts))]

    def delegate(self) -> None:
        """Have pieces made by a process, on a thread of its own."""
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_WORKER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self.processes.append(process)
            if self.stopped:
                process.kill()
            with process:
                assert process.stdin is not None
                assert process.stdout is not None
                self._exchange(process.stdin, process.stdout)
        except Exception:
            pass  # this process makes what is left
        finally:
            self.happened.put(None)

    def _exchange(self, to: IO[bytes], back: IO[bytes]) -> None:
        wanted = {
            "path": str(Path(llvm.__file__).parents[2]),
            "triple": self.machine.triple,
            "cpu": self.machine.cpu,
            "features": self.machine.features,
            "level": self.level,
        }
        to.write(json.dumps(wanted).encode() + b"\n")
        to.flush()
        if json.loads(back.readline()) != list(llvm.llvm_version_info):
            return
        while True:
            try:
                place = self.todo.popleft()
            except IndexError:
                return
            try:
                text = self.texts[place].encode()
                to.write(len(text).to_bytes(8, "little") + text)
                to.flush()
                size = int.from_bytes(_whole(back, 8), "little")
                self.made[place] = _whole(back, size)
            except BaseException:
                self.todo.append(place)
                raise
            self.happened.put(None)

    def stop(self) -> None:
        """End the processes; all pieces are there, or nobody wants them any more."""
        self.stopped = True
        for process in self.processes:
            process.kill()


def _whole(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise ValueError("the process ended")
    return data
