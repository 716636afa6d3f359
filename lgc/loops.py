"""Sequential loops over arrays: plain Python while there is little to do, machine code beyond.

Both ways run the same source, which therefore uses whole numbers, flat arrays and nothing else
(see `lgc.translation`). LLVM compiles a loop in some hundredths of a second; the result is kept on
disk with the kernels. Where the source of lgc is not installed, every loop stays plain Python.
"""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Callable, MutableSequence
from typing import Any

import numpy as np

from . import cache
from .forks import whole
from .translation import llvm_text, rows_of

ENOUGH = 100_000
"""Steps from which machine code pays; a step of plain Python is some microseconds."""

Row = MutableSequence[int]
"""What a loop sees of a one-dimensional integer array."""


class Loop:
    """A function of whole numbers and one-dimensional int64 arrays that returns nothing.

    Results are written into the arrays it is given.

    Attributes:
        function: the function itself.
        helpers: plain functions it calls, and those that they call, callees first.
    """

    def __init__(
        self, function: Callable[..., None], helpers: tuple[Callable[..., Any], ...]
    ) -> None:
        self.function, self.helpers = function, helpers
        self.__doc__ = function.__doc__
        self._compiled: Callable[..., None] | None = None

    def __call__(self, work: int, *args: Any) -> None:
        """Run about ``work`` steps."""
        if work >= ENOUGH:
            self.compiled(*args)
        else:
            self.plain(*args)

    def plain(self, *args: Any) -> None:
        """Run the function itself, on lists."""
        lists = [arg.tolist() if isinstance(arg, np.ndarray) else arg for arg in args]
        self.function(*lists)
        for arg, values in zip(args, lists):
            if isinstance(arg, np.ndarray) and arg.flags.writeable:
                arg[:] = values

    @property
    def compiled(self) -> Callable[..., None]:
        """The loop as machine code; the interpreter's lock is free while it runs."""
        if self._compiled is None:
            try:
                text = llvm_text(self.function, self.helpers)
            except OSError:  # no source, as in a frozen application
                self._compiled = self.plain
            else:
                self._compiled = _callable(_link(text, self.function.__name__), self.function)
        return self._compiled


def loop(*helpers: Callable[..., Any]) -> Callable[[Callable[..., None]], Loop]:
    """Make a function a `Loop` that calls ``helpers``."""

    def decorate(function: Callable[..., None]) -> Loop:
        return Loop(function, helpers)

    return decorate


_names = itertools.count()
_kept_alive: list[Any] = []
"""The compiler, and what it has linked: code lives as long as the process."""


def _link(text: str, name: str) -> int:
    """The address of a function of an LLVM module; its object is kept on disk."""
    import llvmlite.binding as llvm

    cpu, triple = llvm.get_host_cpu_name(), llvm.get_process_triple()
    present = sorted(name for name, there in llvm.get_host_cpu_features().items() if there)
    features = ",".join(f"+{name}" for name in present)
    entry = cache.key("loop", repr(llvm.llvm_version_info), triple, cpu, features, text)
    with whole:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_triple(triple).create_target_machine(
            cpu=cpu, features=features, opt=1, reloc="pic", codemodel="default"
        )
        if not _kept_alive:
            _kept_alive.append(llvm.create_lljit_compiler(machine, use_jit_link=True))
        made = cache.fetch(entry)
        if made is None:
            module = llvm.parse_assembly(text)
            options = llvm.create_pipeline_tuning_options(2)
            # these loops walk graphs: copies of their bodies are compiled for nothing
            options.loop_unrolling = options.loop_vectorization = options.slp_vectorization = False
            builder = llvm.create_pass_builder(machine, options)
            builder.getModulePassManager().run(module, builder)
            made = machine.emit_object(module)
            cache.keep(entry, made)
        library = llvm.JITLibraryBuilder().add_object_img(made).add_current_process()
        tracker = library.export_symbol(name).link(_kept_alive[0], f"loop_{next(_names)}")
        _kept_alive.append(tracker)
    return tracker[name]


def _callable(address: int, function: Callable[..., None]) -> Callable[..., None]:
    """The function at an address, called with numbers and arrays."""
    rows = rows_of(function)
    kinds = [[ctypes.c_void_p, ctypes.c_int64] if row else [ctypes.c_int64] for row in rows]
    native = ctypes.CFUNCTYPE(None, *itertools.chain(*kinds))(address)

    def call(*args: Any) -> None:
        given: list[int] = []
        for arg, row in zip(args, rows, strict=True):
            if row:
                assert (arg.dtype, arg.ndim, arg.flags.c_contiguous) == (np.int64, 1, True)
                given += [arg.ctypes.data, len(arg)]
            else:
                given.append(int(arg))
        native(*given)

    return call
