"""From programs to objects: LLVM text in pieces, code generation without the middle end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain as chain_of
from itertools import islice
from pathlib import Path
from typing import Literal

import llvmlite.binding as llvm

from lgc import __version__
from lgc import cache as disk
from lgc.chain import Chain
from lgc.interfaces import Progress
from lgc.surgery import arity, reads_inputs

from .assembly import assemble, dialect
from .descriptor import Body, descriptor_text, scratch_bytes
from .interpreter import interpreter, records
from .lowering import Kind, lower
from .machine import Machine
from .places import front
from .runs import lower_in_runs
from .runtime import runtime_text
from .segments import SEGMENT, Writer, layout, segment_functions, traffic
from .selection import select
from .steps import step_texts
from .text import attributes, pternlog
from .workers import emit

PIECE = 32
"""Segments in one LLVM module: bounds memory, and gives progress something to count."""

Engine = Literal["straight", "table"]

PREFIX = "lgc_"
"""Of all symbols in a kernel."""

PATIENCE = 60.0
"""Seconds of code generation beyond which ``auto`` takes the table engine."""

QUICK = 150_000
"""Programs with more gates are generated at level 0: faster to make, slightly slower to run."""


@dataclass(frozen=True)
class Texts:
    """LLVM text of one program: modules of segments, and the module of its descriptor.

    Attributes:
        shared: modules that many programs have.
        level: of LLVM's code generator.
        facts: what the program consists of, numbers by name.
    """

    shared: list[str]
    segments: list[str]
    descriptor: str
    level: int
    facts: dict[str, int]


def program_texts(
    chain: Chain,
    kind: Kind,
    machine: Machine,
    *,
    prefix: str,
    engine: Engine,
    assembly: bool = True,
    hurry: bool = False,
) -> Texts:
    """Lower a model and write its LLVM text.

    Args:
        chain: the model.
        kind: what it is to compute.
        machine: for which machine.
        prefix: of all symbols, those of the runtime included.
        engine: ``straight`` or ``table``.
        assembly: whether a text may hold assembly, where the machine has a dialect.
        hurry: the table engine keeps the order in which the gates stand.

    Raises:
        UnsupportedError: an operation this backend does not compile.
    """
    style = dialect(machine) if assembly and engine == "straight" else None
    program = lower_in_runs(chain, kind, hurry) if engine == "table" else lower(chain, kind)
    plan = front(chain, reads_inputs(program.net))
    steps = step_texts(plan, machine, engine, style, prefix, hurry)
    segments: list[str] = []
    widths = steps.widths
    if engine == "table":
        rows = records(program.net, plan.place)
        names = [f"{prefix}interpret_{rows.width}"]
        widths = widths | {rows.width}
        body = Body(rows.outputs, rows.slots, names, records=rows.rows, runs=rows.runs)
        gates, loads = program.net.gates, int(arity(program.net).sum())
        facts = {"gates": gates, "loads": loads, "stores": gates, "runs": len(rows.runs)}
    elif style is not None:
        net = select(program.net, machine)
        name = f"{prefix}segment_0"
        read = max(chain.features, 1) * machine.plane_bits
        made = assemble(net, machine, style, name, plan, read)
        code, segments = made.code, [made.text]
        slots = plan.planes + code.slots + 1 - net.inputs
        body = Body(plan.place(code.outputs), slots, [name], made.ahead)
        facts = code.counts
    else:
        net = select(program.net, machine)
        parts = layout(net, SEGMENT)
        slots = plan.planes + parts.slots - net.inputs
        parts = replace(parts, slot=plan.place(parts.slot), slots=slots)
        names = [f"{prefix}segment_{i}" for i in range(parts.segments)]
        writer = Writer(machine, f"{prefix}segment")
        pieces = chain_of(steps.segments, segment_functions(net, parts, writer))
        segments = list(_modules(pieces, machine))
        body = Body(parts.slot[net.outputs], slots, names)
        facts = {"gates": net.gates, **traffic(net, parts)}
    level = 0 if facts["gates"] + steps.code > QUICK else 1
    slots = max(body.slots, plan.planes + steps.own + 1)
    body = replace(body, slots=slots, functions=steps.functions + body.functions)
    facts = {name: count + steps.facts[name] for name, count in facts.items()}
    facts["slots"] = slots
    facts["scratch_bytes"] = scratch_bytes(chain, plan.used, slots, machine)
    text = descriptor_text(chain, program, body, plan.used, machine, prefix)
    shared = [interpreter(machine, width, prefix) for width in sorted(widths)]
    return Texts(shared, steps.modules + segments, text, level, facts)


def choose_engine(chain: Chain, machine: Machine) -> Engine:
    """What ``auto`` is: straight, unless generating it takes longer than anyone would wait.

    Measured seconds a gate or term of a class sum, on one processor: 15 µs where LLVM only
    assembles; where it generates code, 100 µs, or 50 at level 0. The table engine needs 5 µs and
    then takes 1.3 to 5 times as long to run.
    """
    parts = chain.gates + 2 * chain.outputs
    generated = 50e-6 if parts > QUICK else 100e-6
    each = 15e-6 if dialect(machine) is not None else generated
    return "straight" if parts * each <= PATIENCE else "table"


@cache
def generator() -> str:
    """A hash of the source of this backend, of the core it calls, and the version of LLVM: what
    compiled code depends on besides the model and the machine."""
    versions = __version__, llvm.llvm_version_info  # all there is where sources are not installed
    state = hashlib.blake2b(repr(versions).encode(), digest_size=16)
    core = Path(disk.__file__).parent
    for folder in (Path(__file__).parent, core, core / "dialect"):
        for file in sorted(folder.glob("*.py")):
            state.update(file.read_bytes())
    return state.hexdigest()


def _modules(functions: Iterator[str], machine: Machine) -> Iterator[str]:
    head = attributes(machine) + (pternlog(machine) if machine.ternary else "")
    while piece := list(islice(functions, PIECE)):
        yield head + "\n".join(piece)


def objects(
    texts: Texts, machine: Machine, hurry: bool = False, progress: Progress | None = None
) -> list[bytes]:
    """Object files of a program, the descriptor's last."""
    shared = [
        _kept(
            (text, repr(machine), str(_level(hurry))),
            lambda text=text: machine.target_machine(_level(hurry)).emit_object(
                llvm.parse_assembly(text)
            ),
        )
        for text in texts.shared
    ]
    return shared + emit([*texts.segments, texts.descriptor], machine, texts.level, progress)


@cache
def runtime_object(machine: Machine, hurry: bool = False) -> bytes:
    """The runtime for a machine as an object file; made once, and kept on disk."""
    level = _level(hurry)
    return _kept(
        (runtime_text(machine, PREFIX), repr(machine), str(level)),
        lambda: machine.target_machine(level).emit_object(runtime_module(machine, PREFIX)),
    )


def _level(hurry: bool) -> int:
    """Of code generation for what all models share: level 0 takes a fifth of the time of 2."""
    return 0 if hurry else 2


def _kept(parts: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
    """What an earlier process made of the same parts, else made now and kept."""
    entry = disk.key(*parts, generator())
    found = disk.fetch(entry)
    if found is None:
        found = make()
        disk.keep(entry, found)
    return found


def runtime_module(machine: Machine, prefix: str) -> llvm.ModuleRef:
    """The runtime after LLVM's optimiser."""
    module = llvm.parse_assembly(runtime_text(machine, prefix) + attributes(machine))
    module.triple = machine.triple
    options = llvm.create_pipeline_tuning_options(2)
    builder = llvm.create_pass_builder(machine.target_machine(2), options)
    builder.getModulePassManager().run(module, builder)
    return module
