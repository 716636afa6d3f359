"""Machines: each generates code, the narrow and the foreign ones give the same answers."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import llvmlite.binding as llvm
import numpy as np
import pytest
from hypothesis import given

from lgc.backends.llvm import Llvm
from lgc.backends.llvm.assembly import dialect
from lgc.backends.llvm.codegen import choose_engine, program_texts
from lgc.backends.llvm.kernel import NativeKernel, build_artefact
from lgc.backends.llvm.machine import NAMED, PLAIN, host_features, machine, names
from lgc.backends.llvm.selection import select
from lgc.backends.llvm.width import settle
from lgc.chain import build_module, read_chain
from lgc.equivalence import compare_netlists
from lgc.errors import UsageError
from lgc.interfaces import EngineName
from lgc.netlist import Netlist
from lgc.reference import run
from lgc.sums.arithmetic import CARRY, XOR3
from lgc.surgery import tidy
from tests.backends.corpus import batch, model
from tests.backends.test_native import c_program
from tests.strategies import netlists

ELF_MACHINES = {"x86_64": 62, "aarch64": 183, "riscv64": 243}
CROSS_GCC = shutil.which("aarch64-linux-gnu-gcc")
QEMU = shutil.which("qemu-aarch64")
ARM = ("aarch64", "aarch64-sha3")


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("engine", ["straight", "table"])
def test_every_machine_generates_code(tmp_path: Path, name: str, engine: str) -> None:
    Llvm().write(model("65 features"), tmp_path / "net.o", {"cpu": name, "engine": engine})
    made = (tmp_path / "net.o").read_bytes()
    assert int.from_bytes(made[18:20], "little") == ELF_MACHINES[NAMED[name].architecture]


@pytest.mark.skipif(
    CROSS_GCC is None or QEMU is None,
    reason="there is no aarch64 compiler and emulator (aarch64-linux-gnu-gcc, qemu-aarch64)",
)
@pytest.mark.parametrize("cpu", ARM)
@pytest.mark.parametrize("engine", ["straight", "table"])
@pytest.mark.parametrize("source", ["u8", "f32"])
def test_aarch64_gets_the_same_answers(tmp_path: Path, cpu: str, engine: str, source: str) -> None:
    """Emulated, with SHA3."""
    assert CROSS_GCC is not None
    assert QEMU is not None
    Llvm().write(model("65 features"), tmp_path / "net.o", {"cpu": cpu, "engine": engine})
    x = batch(65, 130).astype(np.uint8 if source == "u8" else np.float32)
    c_program(tmp_path, source, len(x))
    subprocess.run(
        [CROSS_GCC, "-std=c11", "-static", "main.c", "net.o", "-o", "main"],
        check=True, cwd=tmp_path,
    )  # fmt: skip
    done = subprocess.run(
        [QEMU, "-cpu", "max", "main"],
        input=x.tobytes(), capture_output=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    classes, counts = (np.array(line.split(), int) for line in done.stdout.splitlines())
    expected = run(model("65 features"), x)
    assert np.array_equal(classes, expected.classes)
    assert np.array_equal(counts.reshape(-1, 4), expected.counts)


WIDER_AND_NARROWER = [
    ("x86-64", 64), ("x86-64", 512), ("x86-64-v3", 128), ("x86-64-v4", 64), ("x86-64-v4", 128),
    ("x86-64-v4", 256), (PLAIN, 64), (PLAIN, 256),
]  # fmt: skip


@pytest.mark.parametrize(("cpu", "plane_bits"), WIDER_AND_NARROWER)
def test_every_width_gives_the_same_answers(cpu: str, plane_bits: int) -> None:
    target = machine(cpu, plane_bits)
    if not target.required() <= host_features():
        pytest.skip(f"this processor is no {cpu}")
    for engine, name in itertools.product(("straight", "table"), ("65 features", "no sums")):
        kernel = NativeKernel(build_artefact(model(name), target, engine))
        assert kernel.info["plane_bits"] == plane_bits
        for rows in (1, 700):
            x = batch(kernel.features, rows)
            expected = run(model(name), x)
            assert np.array_equal(kernel.bits(x), expected.bits)
            if expected.counts is not None:
                assert np.array_equal(kernel.counts(x), expected.counts)
                assert np.array_equal(kernel.predict(x.astype(np.float32)), expected.classes)


@pytest.mark.parametrize(
    ("cpu", "engine", "plane_bits", "expected"),
    [
        ("x86-64-v2", "straight", None, 128),
        ("x86-64-v2", "table", None, 512),
        ("x86-64-v2", "table", 128, 128),
        ("x86-64-v4", "straight", 256, 256),
        ("riscv64", "auto", None, 64),
    ],
)
def test_the_width_of_planes(
    cpu: str, engine: EngineName, plane_bits: int | None, expected: int
) -> None:
    chain = read_chain(model("65 features"))
    assert settle(chain, cpu, engine, plane_bits)[0].plane_bits == expected


@pytest.mark.parametrize(
    ("cpu", "gates", "expected"),
    [
        ("aarch64", 100_000, "straight"),
        ("aarch64", 900_000, "straight"),
        ("aarch64", 1_300_000, "table"),
        ("x86-64-v3", 3_900_000, "straight"),
        ("x86-64-v3", 4_100_000, "table"),
    ],
)
def test_auto_generates_code_unless_that_takes_a_minute(
    cpu: str, gates: int, expected: str
) -> None:
    if cpu.startswith("x86") and machine().architecture != "x86_64":
        pytest.skip("the assembler of another architecture is not used")
    chain = SimpleNamespace(gates=gates - 2000, outputs=1000)
    assert choose_engine(chain, machine(cpu)) == expected  # type: ignore[arg-type]


def test_assembly_holds_only_what_the_machine_has() -> None:
    """Planes of 256 bits alone do not make a machine an AVX2 one."""
    assert dialect(machine("x86-64-v2", 256)) is None
    assert dialect(machine("x86-64-v3", 512)) is None
    assert dialect(machine("aarch64", 512)) is None
    if machine().architecture == "x86_64":
        names = {bits: dialect(machine("x86-64-v4", bits)) for bits in (512, 256, 128)}
        assert [one and one.name for one in names.values()] == ["%zmm", "%ymm", "%xmm"]


def logic(cpu: str, table: int) -> list[str]:
    """Instructions of one gate of three fan-ins on a machine, loads and stores left out."""
    net = Netlist(3, [table], [[0, 1, 2]], [3])
    target = machine(cpu)
    texts = program_texts(
        read_chain(build_module(3, [net], None)), "bits", target, prefix="x_", engine="straight"
    )
    text = target.target_machine(1).emit_assembly(llvm.parse_assembly(texts.segments[0]))
    names = re.findall(r"^\t([a-z]\w*)", text, re.MULTILINE)
    return [name for name in names if name not in ("ldr", "ldp", "str", "ret", "mov")]


@pytest.mark.parametrize(
    ("cpu", "table", "expected"),
    [
        ("aarch64", 0x53, ["bsl"]),  # a ? b : c
        ("aarch64", 0x35, ["bsl"]),  # a ? c : b
        ("aarch64", 0x17, ["eor", "bsl"]),  # the majority
        ("aarch64", XOR3, ["eor", "eor"]),
        ("aarch64-sha3", XOR3, ["eor3"]),
        ("aarch64-sha3", 0x2D, ["bcax"]),  # a ⊕ (b ∧ ¬c)
    ],
)
def test_aarch64_has_instructions_of_three_planes(
    cpu: str, table: int, expected: list[str]
) -> None:
    found = [{"bit": "bsl", "bif": "bsl"}.get(name, name) for name in logic(cpu, table)]
    assert found == expected


def test_selection_keeps_every_table() -> None:
    for table in range(256):
        net = Netlist(3, [table], [[0, 1, 2]], [3])
        assert compare_netlists(net, select(net, machine("aarch64")))


@given(netlists(k=3, max_gates=40))
def test_selection_keeps_the_function(net: Netlist) -> None:
    for name in ("aarch64", "x86-64-v3"):
        assert compare_netlists(net, select(tidy(net), machine(name)))


@pytest.mark.parametrize("carry", [[3, 1, 2], [1, 3, 2], [2, 0, 3]])
@pytest.mark.parametrize("complement", [False, True])
def test_a_full_adder_is_three_instructions_where_planes_are_selected(
    carry: list[int], complement: bool
) -> None:
    """The carry reads the sum, the last bit that went into it, and another."""
    table = next(t for t in range(256) if _carry(t, carry)) ^ (0xFF if complement else 0)
    adder = Netlist(3, [XOR3, table], [[0, 1, 2], carry], [3, 4])
    spare = int(complement)  # an output that is complemented costs one
    assert select(adder, machine("aarch64")).gates == 3 + spare
    assert select(adder, machine("x86-64-v3")).gates == 5 + spare


def _carry(table: int, reads: list[int]) -> bool:
    """Whether the table gives the carry of bits 0, 1 and 2 from these, net 3 the sum."""
    for index in range(8):
        bits = [index >> 2, index >> 1 & 1, index & 1]
        bits.append(sum(bits) & 1)
        place = bits[reads[0]] << 2 | bits[reads[1]] << 1 | bits[reads[2]]
        if table >> (7 - place) & 1 != (sum(bits[:3]) > 1):
            return False
    return True


def test_the_carry_of_the_sums_is_one() -> None:
    assert _carry(CARRY, [3, 1, 2])


def test_machines_by_name() -> None:
    assert names("x86-64-v2, aarch64,x86-64-v2") == ["x86-64-v2", "aarch64"]
    assert names(None) == names(",") == ["native"]
    assert machine(PLAIN).plane_bits == 64
    assert machine(PLAIN).required() == frozenset()
    assert machine("x86-64-v4", 64).ternary is False
    with pytest.raises(UsageError) as caught:
        machine("native", 100)
    assert str(caught.value) == (
        "--plane-bits: there are no planes of 100 bits\n  hint: one of 512, 256, 128, 64"
    )
