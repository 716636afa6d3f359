"""Native code through LLVM: kernel files, objects, libraries, assembly, LLVM text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.errors import InputError
from lgc.files import atomic_write
from lgc.interfaces import EngineName, KernelBackend, Progress

from .artefact import check_machine
from .kernel import NativeKernel, build_artefact, kernel_from_bytes
from .machine import machine
from .native import write_native


class Llvm(KernelBackend):
    """Bit-parallel native code: one plane holds one signal of up to 512 samples."""

    name = "llvm"
    SUFFIXES: ClassVar[Mapping[str, str]] = {
        ".lgk": "kernel for lgc run and lgc.load_kernel",
        ".o": "object file, with a C header beside it",
        ".so": "shared library, with a C header beside it",
        ".s": "assembly",
        ".ll": "LLVM text",
    }

    def passes(self, options: Mapping[str, Any]) -> str:
        return "map-lut{k=3}" if machine(options.get("cpu")).ternary else ""

    def kernel(
        self,
        module: ModuleOp,
        *,
        cpu: str | None = None,
        engine: EngineName = "auto",
        hurry: bool = False,
        progress: Progress | None = None,
    ) -> NativeKernel:
        made = build_artefact(module, machine(cpu), engine, hurry, progress)
        check_machine(made.facts, f"cpu {cpu}")
        return NativeKernel(made)

    def load(self, path: Path) -> NativeKernel:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
        return kernel_from_bytes(data, str(path))

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        target, progress = machine(options.get("cpu")), options.get("progress")
        engine: EngineName = options.get("engine") or "auto"
        if path.suffix == ".lgk":
            made = build_artefact(module, target, engine, progress=progress).to_bytes()
            with atomic_write(path) as temporary:
                temporary.write_bytes(made)
            return [path]
        return write_native(module, path, target, engine, progress)


__all__ = ["Llvm", "NativeKernel"]
