"""Linking: a program in this process's memory, and its calls."""

from __future__ import annotations

import ctypes
import itertools
import threading
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from lgc.forks import wait_for

from .codegen import PREFIX
from .descriptor import BYTES
from .lowering import Kind
from .machine import machine
from .text import RESULTS, SOURCES

# llvmlite lets one thread into LLVM at a time, and has no hook of its own for forks.
wait_for(llvm.ffi.lib._lock)  # pyright: ignore[reportPrivateUsage]

_ALIGNMENT = 64


class Linked:
    """A program linked into this process; made by one thread at a time."""

    _jit: llvm.LLJIT | None = None
    _names = itertools.count()

    def __init__(
        self,
        kind: Kind,
        parts: list[bytes],
        scratch_bytes: int,
        whole: bool = False,
        recurrent: bool = False,
    ) -> None:
        """Link.

        Args:
            whole: it reads the bits of bytes, and has a descriptor for rows of these.
            recurrent: it has a state, and a descriptor for that.
        """
        self.scratch_bytes = scratch_bytes
        self._local = threading.local()
        library = llvm.JITLibraryBuilder()
        for part in parts:
            library.add_object_img(part)
        library.add_current_process()
        names = [f"{PREFIX}run_{source}_{result}" for source in SOURCES for result in RESULTS]
        described = {"": f"{PREFIX}{kind}"}
        if whole:
            described["bytes"] = f"{PREFIX}{kind}{BYTES}"
        more = [f"{PREFIX}{kind}_state", f"{PREFIX}run_steps"] if recurrent else []
        for name in (*names, *described.values(), *more):
            library.export_symbol(name)
        if Linked._jit is None:
            Linked._jit = llvm.create_lljit_compiler(machine().target_machine(1), use_jit_link=True)
        self._tracker = library.link(Linked._jit, f"lgc_{next(Linked._names)}")
        self._descriptors: dict[str, int] = {
            source: self._tracker[name] for source, name in described.items()
        }
        self._functions: dict[str, Any] = {name: _SIGNATURE(self._tracker[name]) for name in names}
        if recurrent:
            self._state: int = self._tracker[more[0]]
            self._steps = _STEPS(self._tracker[more[1]])

    def run(
        self, source: str, result: str, batch: NDArray[Any], out: NDArray[Any], phases: int
    ) -> None:
        descriptor = self._descriptors.get(source, self._descriptors[""])
        source = "bits" if source == "bytes" else source
        self._functions[f"{PREFIX}run_{source}_{result}"](
            descriptor,
            _address(batch),
            batch.strides[0],
            len(batch),
            _address(out),
            self._scratch(),
            phases,
        )

    def run_steps(
        self,
        source: str,
        result: str,
        x: NDArray[Any],
        out: NDArray[Any],
        state: NDArray[np.uint8],
        following: NDArray[np.uint64],
    ) -> None:
        """Steps of a recurrent model: x ``(n, steps, …)``, out ``(steps, n, …)``.

        ``state`` are packed rows, ``following`` rows of words, each row right after the other.
        """
        self._steps(
            self._descriptors[""],
            self._state,
            list(SOURCES).index(source),
            RESULTS.index(result),
            _address(x),
            x.strides[0],
            x.strides[1],
            len(x),
            x.shape[1],
            _address(out),
            out.strides[0],
            _address(state),
            state.strides[0],
            _address(following),
            self._scratch(),
        )

    def _scratch(self) -> int:
        """Address of this thread's scratch memory."""
        found: int | None = getattr(self._local, "address", None)
        if found is None:
            memory = np.zeros(self.scratch_bytes + _ALIGNMENT, np.uint8)
            found = -(-_address(memory) // _ALIGNMENT) * _ALIGNMENT
            self._local.memory, self._local.address = memory, found
        return found


def _address(array: NDArray[Any]) -> int:
    """Where an array starts; half the time of ``array.ctypes.data``, which small batches feel."""
    return array.__array_interface__["data"][0]


_SIGNATURE = ctypes.CFUNCTYPE(
    None,
    ctypes.c_void_p,  # descriptor
    ctypes.c_void_p,  # first row
    ctypes.c_int64,  # bytes from row to row
    ctypes.c_int64,  # rows
    ctypes.c_void_p,  # results
    ctypes.c_void_p,  # scratch
    ctypes.c_int64,  # phases
)

_STEPS = ctypes.CFUNCTYPE(
    None,
    ctypes.c_void_p,  # descriptor, and that of the state
    ctypes.c_void_p,
    ctypes.c_int64,  # numbers of source and result
    ctypes.c_int64,
    ctypes.c_void_p,  # first row, bytes from row to row and from step to step
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_int64,  # rows
    ctypes.c_int64,  # steps
    ctypes.c_void_p,  # results, bytes from step to step
    ctypes.c_int64,
    ctypes.c_void_p,  # states before, bytes from row to row
    ctypes.c_int64,
    ctypes.c_void_p,  # states after
    ctypes.c_void_p,  # scratch
)
