"""Tuning: the fastest candidate is taken and remembered, and computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.backends.llvm import Llvm, NativeKernel, tuning
from lgc.backends.llvm.machine import machine
from lgc.chain import read_chain
from lgc.cli import run_command
from lgc.errors import UnsupportedError, UsageError
from lgc.interfaces import EngineName
from lgc.reference import run
from tests.backends.corpus import batch, model

CPU = "x86-64"
needs_x86 = pytest.mark.skipif(
    machine().architecture != "x86_64", reason="this processor is no x86-64"
)


def prefer(monkeypatch: pytest.MonkeyPatch, engine: str, plane_bits: int) -> list[str]:
    """Make one candidate the fastest; lists what is measured."""
    seen: list[str] = []

    def seconds(kernel: NativeKernel, rows: object) -> float:
        mine = kernel.info["engine"], kernel.info["plane_bits"]
        seen.append(f"{mine[0]} {mine[1]}")
        return 1e-3 if mine == (engine, plane_bits) else 2e-3

    monkeypatch.setattr(tuning, "_seconds", seconds)
    monkeypatch.setattr(tuning, "MEASURING", 0.0)
    return seen


@needs_x86
@pytest.mark.parametrize(
    ("name", "engine", "plane_bits"),
    [("65 features", "straight", 128), ("64 features", "table", 256), ("no sums", "table", 512)],
)
def test_the_fastest_is_taken_and_remembered(
    monkeypatch: pytest.MonkeyPatch, name: str, engine: str, plane_bits: int
) -> None:
    seen = prefer(monkeypatch, engine, plane_bits)
    kernel = Llvm().kernel(model(name), cpu=CPU, tune=True)
    assert (kernel.info["engine"], kernel.info["plane_bits"]) == (engine, plane_bits)
    assert seen == ["straight 128", "straight 64", "table 512", "table 256"] * 3
    assert kernel.info["tuned"] == {
        f"{one}, {bits} bits": 244.1 if (one, bits) == (engine, plane_bits) else 488.3
        for one, bits in (("straight", 128), ("straight", 64), ("table", 512), ("table", 256))
    }
    x = batch(kernel.features, 300)
    assert np.array_equal(kernel.bits(x), run(model(name), x).bits)
    again = Llvm().kernel(model(name), cpu=CPU, tune=True)
    assert len(seen) == 12  # nothing was measured again
    assert again.info == kernel.info
    assert "tuned" not in Llvm().kernel(model(name), cpu=CPU).info


@pytest.mark.parametrize(
    ("cpu", "engine", "plane_bits", "expected"),
    [
        ("x86-64-v4", "auto", None, ["straight 512", "straight 256", "table 512", "table 256"]),
        ("x86-64-v4", "straight", None, ["straight 512", "straight 256"]),
        ("x86-64-v3", "table", None, ["table 512", "table 256"]),
        ("x86-64-v3", "auto", 128, ["straight 128", "table 128"]),
        ("plain", "straight", None, ["straight 64"]),
    ],
)
def test_candidates_are_what_the_user_leaves_open(
    cpu: str, engine: EngineName, plane_bits: int | None, expected: list[str]
) -> None:
    chain = read_chain(model("65 features"))
    found = tuning.candidates(chain, cpu, engine, plane_bits)
    assert [f"{one} {target.plane_bits}" for target, one in found] == expected


@needs_x86
def test_no_more_is_compiled_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = prefer(monkeypatch, "table", 512)
    monkeypatch.setattr(tuning, "COMPILING", 0.0)
    kernel = Llvm().kernel(model("one layer"), cpu=CPU, tune=True)
    assert seen == ["straight 128"] * 3
    assert kernel.info["engine"] == "straight"


def test_it_measures_indeed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "MEASURING", 0.0)
    kernel = lgc.compile(lgc.Model(model("128 features")), tune=True, engine="straight")
    assert len(kernel.info["tuned"]) == 2
    assert all(0 < spent < 1e9 for spent in kernel.info["tuned"].values())
    assert kernel.info["engine"] == "straight"


def test_other_machines_are_not_measured_here() -> None:
    for cpu in {"aarch64", "riscv64"} - {machine().architecture}:
        with pytest.raises(UsageError) as caught:
            Llvm().kernel(model("one gate"), cpu=cpu, tune=True)
        assert str(caught.value) == (
            f"--tune: {cpu} cannot be measured on this processor\n"
            "  hint: compile there, or without --tune"
        )


def test_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tuning, "MEASURING", 0.0)
    lgc.Model(model("200 features")).save(tmp_path / "m.mlir")
    line = ["-v", "compile", str(tmp_path / "m.mlir"), "--tune", "--engine", "table", "-o"]
    assert run_command([*line, str(tmp_path / "m.lgk")]) == 0
    told = capsys.readouterr()
    assert told.out == ""
    assert [one.partition(":")[0] for one in told.err.splitlines() if "native" in one] == [
        "native, table, 512 bits", "native, table, 256 bits",
    ]  # fmt: skip
    assert lgc.load_kernel(tmp_path / "m.lgk").info["tuned"].keys() == {
        "table, 512 bits", "table, 256 bits",
    }  # fmt: skip


def test_objects_are_not_tuned(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError) as caught:
        Llvm().write(model("one gate"), tmp_path / "net.o", {"tune": True})
    assert str(caught.value) == (
        "net.o: only kernels can be tuned\n  hint: write a .lgk, or omit --tune"
    )
