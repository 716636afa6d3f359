"""From programs to objects: LLVM text in pieces, code generation without the middle end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import llvmlite.binding as llvm

from lgc.chain import Chain
from lgc.interfaces import Progress

from .assembly import ahead, assemble, dialect
from .descriptor import descriptor_text, scratch_bytes
from .lowering import Kind, lower
from .machine import Machine
from .runtime import attributes, runtime_text
from .segments import layout, segment_functions, traffic
from .selection import select

PIECE = 32
"""Segments in one LLVM module: bounds memory, and gives progress something to count."""

QUICK = 150_000
"""Programs with more gates are generated at level 0: faster to make, slightly slower to run."""


@dataclass(frozen=True)
class Texts:
    """LLVM text of one program: modules of segments, and the module of its descriptor.

    Attributes:
        level: of LLVM's code generator.
        facts: what the program consists of, numbers by name.
    """

    segments: list[str]
    descriptor: str
    level: int
    facts: dict[str, int]


def program_texts(
    chain: Chain, kind: Kind, machine: Machine, *, prefix: str = "", assembly: bool = True
) -> Texts:
    """Lower a model and write its LLVM text.

    Args:
        chain: the model.
        kind: what it is to compute.
        machine: for which machine.
        prefix: of all symbols.
        assembly: whether a text may hold assembly, where the machine has a dialect.

    Raises:
        UnsupportedError: an operation this backend does not compile.
    """
    program = lower(chain, kind)
    net = select(program.net, machine)
    style = dialect(machine) if assembly else None
    if style is not None:
        text, code = assemble(net, machine, style, f"{prefix}segment_0")
        descriptor = descriptor_text(
            chain, program, code.outputs, code.slots + 1, 1, ahead(code), machine, prefix
        )
        facts = {"slots": code.slots + 1, "segments": 1, **code.counts}
        facts["scratch_bytes"] = scratch_bytes(chain, program, code.slots + 1, machine)
        return Texts([text], descriptor, 0, facts)
    plan = layout(net)
    descriptor = descriptor_text(
        chain, program, plan.slot[net.outputs], plan.slots, plan.segments, 0, machine, prefix
    )
    facts = {"slots": plan.slots, "segments": plan.segments, "gates": net.gates}
    facts |= traffic(net, plan)
    facts["scratch_bytes"] = scratch_bytes(chain, program, plan.slots, machine)
    texts = list(_modules(segment_functions(net, plan, machine, prefix), machine))
    return Texts(texts, descriptor, 0 if net.gates > QUICK else 1, facts)


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
