"""Files for other tools: object, assembly, LLVM text, shared library, and the C header."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import llvmlite.binding as llvm
from xdsl.dialects.builtin import ModuleOp

from lgc.chain import Chain, provenance, read_chain
from lgc.errors import UnsupportedError
from lgc.files import atomic_write
from lgc.interfaces import Progress

from .codegen import Engine, choose_engine, program_texts, runtime_module
from .descriptor import BYTES
from .lowering import Kind
from .machine import Machine
from .packing_plan import reads_bytes
from .text import SOURCES

C_TYPES = {"u8": "uint8_t", "f32": "float", "bits": "uint8_t"}
ROWS = {
    "u8": "bytes, or bools",
    "f32": "floats",
    "bits": "packed bits, the first bit the highest of its byte",
}


def c_name(path: Path) -> str:
    """The prefix of all symbols: the file's stem as a C identifier."""
    name = re.sub(r"\W", "_", path.stem, flags=re.ASCII)
    return name if name[:1].isalpha() else f"model_{name}"


def native_module(
    module: ModuleOp,
    name: str,
    machine: Machine,
    engine: Engine,
    assembly: bool,
    progress: Progress | None = None,
) -> llvm.ModuleRef:
    """The whole model with its runtime as one LLVM module."""
    chain = read_chain(module)
    kind = _kind(chain)
    prefix = f"{name}_"
    texts = program_texts(chain, kind, machine, prefix=prefix, engine=engine, assembly=assembly)
    whole = runtime_module(machine, prefix)
    entry = _entry_points(chain, kind, prefix, texts.facts["scratch_bytes"])
    parts = [*texts.shared, *texts.segments, texts.descriptor, entry]
    for done, part in enumerate(parts, 1):
        whole.link_in(llvm.parse_assembly(part))
        if progress is not None:
            progress(done, len(parts) + 1)
    for function in whole.functions:
        if function.name.startswith(f"{name}_run_"):
            function.linkage = "internal"
    return whole


def _kind(chain: Chain) -> Kind:
    return "scores" if chain.group_sum is not None else "bits"


def _results(kind: Kind) -> dict[str, str]:
    """Names in C and in the runtime of what a program gives."""
    return {"predict": "classes", "counts": "counts"} if kind == "scores" else {"bits": "outputs"}


def _sources(chain: Chain) -> dict[str, tuple[str, str]]:
    """Kinds of rows that a model takes: the source of the runtime that reads them, and what the
    name of their descriptor ends with."""
    place = chain.encoding.place
    if place is None:
        return {source: (source, "") for source in SOURCES}
    own = {"u8": ("bits", BYTES)} if reads_bytes(place) else {}
    return {**own, "bits": ("bits", "")}


def _entry_points(chain: Chain, kind: Kind, prefix: str, scratch_bytes: int) -> str:
    arguments = "ptr %x, i64 %stride, i64 %n, ptr %out, ptr %scratch"
    run = "ptr, ptr, i64, i64, ptr, ptr, i64"
    drivers, calls = dict[str, None](), list[str]()
    for source, (reads, ending) in _sources(chain).items():
        for verb, result in _results(kind).items():
            driver, descriptor = f"@{prefix}run_{reads}_{result}", f"@{prefix}{kind}{ending}"
            drivers |= {f"declare void {driver}({run})": None}
            drivers |= {f"{descriptor} = external constant i8": None}
            calls.append(
                f"define void @{prefix}{verb}_{source}({arguments}) {{\n"
                f" call void {driver}(ptr {descriptor}, {arguments}, i64 7)\n"
                " ret void\n}"
            )
    size = f"@{prefix}scratch_bytes = constant i64 {scratch_bytes}"
    return "\n".join([size, *drivers, *calls])


def header(module: ModuleOp, name: str) -> str:
    """The C header of an object file or shared library."""
    chain = read_chain(module)
    kind = _kind(chain)
    results = {
        "predict": ("int64_t *classes", "the class of each row"),
        "counts": (
            "int32_t *counts",
            f"{chain.group_sum.classes if chain.group_sum else 0} scores a row",
        ),
        "bits": (
            "uint64_t *bits",
            f"{-(-chain.outputs // 64)} words a row, the first bit the lowest of its word; "
            "bits beyond the last are not specified",
        ),
    }
    told = provenance(module).items()
    facts = "".join(f" * {key}: {value}\n" for key, value in told).replace("*/", "* /")
    lines = [
        f"/* {name}: a logic-gate network compiled by lgc.\n{facts} *",
        f" * {chain.features} numbers a row; `stride`: bytes from row to row; `n`: number of rows;",
        f" * `scratch`: {name}_scratch_bytes bytes, aligned to 64, one area per thread.",
        *_scores(chain),
        " * Link with nothing but the C library. */",
        f"#ifndef {name.upper()}_H",
        f"#define {name.upper()}_H",
        "#include <stdint.h>",
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        f"extern const int64_t {name}_scratch_bytes;",
    ]
    for source in _sources(chain):
        for verb in _results(kind):
            out, what = results[verb]
            lines.append(f"/* rows of {ROWS[source]}; {what} */")
            lines.append(
                f"void {name}_{verb}_{source}(const {C_TYPES[source]} *x, int64_t stride, "
                f"int64_t n, {out}, void *scratch);"
            )
    lines += ["#ifdef __cplusplus", "}", "#endif", "#endif", ""]
    return "\n".join(lines)


def _scores(chain: Chain) -> list[str]:
    """What makes real numbers of the counts, where that is more than a division."""
    sums = chain.group_sum
    if sums is None or not sums.shift:
        return []
    return [f" * Scores in eval mode are (count + {sums.shift!r}) / {sums.tau.value.data!r}."]


def write_native(
    module: ModuleOp,
    path: Path,
    machine: Machine,
    engine: Engine | Literal["auto"] = "auto",
    progress: Progress | None = None,
) -> list[Path]:
    """Write ``.o``, ``.s``, ``.ll`` or ``.so``; objects and libraries get a ``.h`` beside them."""
    name = c_name(path)
    linker = _linker(path, machine) if path.suffix == ".so" else None
    chosen = choose_engine(read_chain(module), machine) if engine == "auto" else engine
    whole = native_module(module, name, machine, chosen, path.suffix != ".ll", progress)
    if path.suffix == ".ll":
        with atomic_write(path) as temporary:
            temporary.write_text(str(whole))
        return [path]
    target = machine.target_machine(1)
    if path.suffix == ".s":
        with atomic_write(path) as temporary:
            temporary.write_text(target.emit_assembly(whole))
        return [path]
    made = target.emit_object(whole)
    with atomic_write(path) as temporary:
        if linker is None:
            temporary.write_bytes(made)
        else:
            _link(linker, made, temporary, path.name)
        beside = path.with_suffix(".h")
        with atomic_write(beside) as text:
            text.write_text(header(module, name))
    return [path, beside]


def _linker(path: Path, machine: Machine) -> str:
    found = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if found is None:
        raise UnsupportedError(
            "a shared library needs a C linker, and there is none (cc, gcc, clang)",
            where=path.name,
            hint="write a .o instead, or install one",
        )
    here = llvm.get_process_triple().partition("-")[0]
    if machine.triple.partition("-")[0] != here:
        raise UnsupportedError(
            f"the linker here makes libraries for {here}, not for {machine.name}",
            where=path.name,
            hint="write a .o instead and link it there",
        )
    return found


def _link(linker: str, made: bytes, target: Path, name: str) -> None:
    source = target.with_suffix(".link.o")
    try:
        source.write_bytes(made)
        done = subprocess.run(
            [linker, "-shared", "-o", str(target), str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise UnsupportedError(f"the linker failed: {done.stderr.strip()[-200:]}", where=name)
    finally:
        source.unlink(missing_ok=True)
