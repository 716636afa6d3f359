"""Native code through LLVM: kernel files, objects, libraries, assembly, LLVM text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from xdsl.dialects.builtin import ModuleOp

from lgc.chain import read_chain
from lgc.errors import InputError, UnsupportedError
from lgc.files import atomic_write
from lgc.interfaces import Kernel, KernelBackend, Version
from lgc.limits import Limits, Traffic

from .artefact import Artefact, join
from .codegen import Engine
from .kernel import NativeKernel, build_artefact, kernel_from_bytes, kernel_of_versions
from .machine import Machine, machine, names
from .native import write_native
from .tuning import tune, tuned
from .width import check, settle


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

    def versions(self, options: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = [
            {**options, "cpu": name} for name in names(options.get("cpu"))
        ]
        for one in found:
            check(one["cpu"], one.get("engine") or "auto", one.get("plane_bits"))
        return found

    def passes(self, options: Mapping[str, Any]) -> str:
        return "map-lut{k=3}" if machine(options.get("cpu")).ternary else ""

    def kernel_of(self, versions: Sequence[Version]) -> NativeKernel:
        cpus = ",".join(one.options["cpu"] for one in versions)
        return kernel_of_versions([_artefact(one) for one in versions], f"cpu {cpus}")

    def load(self, path: Path) -> NativeKernel:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from None
        return kernel_from_bytes(data, str(path))

    def from_bytes(self, data: bytes, where: str) -> NativeKernel:
        return kernel_from_bytes(data, where)

    def limits(self, kernel: Kernel) -> Limits:
        from .limits import measure

        assert isinstance(kernel, NativeKernel)
        return measure(kernel.machine)

    def traffic(self, kernel: Kernel) -> Traffic:
        from .replay import replay

        assert isinstance(kernel, NativeKernel)
        kind = "scores" if kernel.classes else "bits"
        return replay(read_chain(kernel.module), kind, kernel.machine, kernel.info["engine"])

    def write(self, module: ModuleOp, path: Path, options: Mapping[str, Any]) -> list[Path]:
        return self.write_versions([Version(module, one) for one in self.versions(options)], path)

    def write_versions(self, versions: Sequence[Version], path: Path) -> list[Path]:
        if path.suffix == ".lgk":
            made = join([_artefact(one) for one in versions])
            with atomic_write(path) as temporary:
                temporary.write_bytes(made)
            return [path]
        if len(versions) > 1:
            return super().write_versions(versions, path)
        if versions[0].options.get("tune"):
            raise UnsupportedError(
                "only kernels can be tuned", where=path.name, hint="write a .lgk, or omit --tune"
            )
        module, options = versions[0].module, versions[0].options
        target, engine = _settled(versions[0])
        return write_native(module, path, target, engine, options.get("progress"))


def _settled(version: Version) -> tuple[Machine, Engine]:
    options = version.options
    return settle(
        read_chain(version.module, recurrent=True),
        options.get("cpu"),
        options.get("engine") or "auto",
        options.get("plane_bits"),
    )


def _artefact(version: Version) -> Artefact:
    options = version.options
    hurry, progress = bool(options.get("hurry")), options.get("progress")
    if not options.get("tune"):
        target, engine = _settled(version)
        return build_artefact(version.module, target, engine, hurry, progress)
    cpu, engine = options["cpu"], options.get("engine") or "auto"
    choice = tune(version.module, cpu, engine, options.get("plane_bits"), progress)
    for name, spent in choice.measured.items():
        options.get("tell", _ignore)(f"{cpu}, {name}: {spent:g} ns a sample")
    target = machine(cpu, choice.plane_bits)
    return tuned(build_artefact(version.module, target, choice.engine, False, progress), choice)


def _ignore(line: str) -> None:
    """Nobody asked to be told."""


__all__ = ["Llvm", "NativeKernel"]
