"""From programs to objects: LLVM text in pieces, code generation without the middle end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import llvmlite.binding as llvm

from lgc.chain import Chain
from lgc.interfaces import Progress

from .descriptor import descriptor_text
from .lowering import Kind, lower
from .machine import Machine
from .runtime import attributes, runtime_text
from .segments import layout, segment_functions

PIECE = 32
"""Segments in one LLVM module: bounds memory, and gives progress something to count."""

QUICK = 150_000
"""Programs with more gates are generated at level 0: faster to make, slightly slower to run."""


@dataclass(frozen=True)
class Texts:
    """LLVM text of one program: modules of segments, and the module of its descriptor."""

    segments: list[str]
    descriptor: str
    level: int
    functions: int
    scratch_bytes: int


def program_texts(chain: Chain, kind: Kind, machine: Machine) -> Texts:
    """Lower a model and write its LLVM text.

    Raises:
        UnsupportedError: an operation this backend does not compile.
    """
    program = lower(chain, kind)
    plan = layout(program.net)
    functions = segment_functions(program.net, plan, machine)
    return Texts(
        list(_modules(functions, machine)),
        descriptor_text(chain, program, plan, machine),
        0 if program.net.gates > QUICK else 1,
        plan.segments,
        plan.slots * machine.plane_bytes,
    )


def _modules(functions: Iterator[str], machine: Machine) -> Iterator[str]:
    kind = f"<{machine.words} x i64>"
    head = attributes(machine)
    if machine.ternary:
        head += (
            f"declare {kind} @llvm.x86.avx512.pternlog.q.512({kind}, {kind}, {kind}, i32 immarg)\n"
        )
    while piece := list(islice(functions, PIECE)):
        yield head + "\n".join(piece)


def objects(texts: Texts, machine: Machine, progress: Progress | None = None) -> list[bytes]:
    """Object files of a program, the descriptor's last."""
    target = machine.target_machine(texts.level)
    modules = [*texts.segments, texts.descriptor]
    made: list[bytes] = []
    for done, text in enumerate(modules, 1):
        made.append(target.emit_object(llvm.parse_assembly(text)))
        if progress is not None:
            progress(done, len(modules))
    return made


@lru_cache(maxsize=8)
def runtime_object(machine: Machine) -> bytes:
    """The runtime for a machine as an object file; made once per process."""
    target = machine.target_machine(2)
    return target.emit_object(runtime_module(machine, "lgc"))


def runtime_module(machine: Machine, prefix: str) -> llvm.ModuleRef:
    """The runtime after LLVM's optimiser."""
    module = llvm.parse_assembly(runtime_text(machine, prefix) + attributes(machine))
    module.triple = machine.triple
    options = llvm.create_pipeline_tuning_options(2)
    builder = llvm.create_pass_builder(machine.target_machine(2), options)
    builder.getModulePassManager().run(module, builder)
    return module
