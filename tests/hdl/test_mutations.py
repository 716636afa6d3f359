"""A design that is wrong fails its test bench: in a gate, in its timing, in its handshakes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lgc.hdl import Project
from tests.hdl.tools import NEEDS, small

pytestmark = NEEDS["icarus"]

PLAIN = {"stages": 2}
VALID = {"stages": 2, "interface": "valid"}
AXI = {"stages": 2, "interface": "axi", "bus": 16}


def mutate(project: Project, file: str, before: str, after: str) -> None:
    path = project.folder / "rtl" / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


@pytest.mark.parametrize(
    ("options", "file", "before", "after", "message"),
    [
        ({}, "model.v", "assign class_index = y", "assign class_index = ~y", r"sample 0 gives . instead of ., 40 of 40 samples differ"),
        ({}, "model.v", "assign class_index = y", "assign class_index = 2'bx & y", r"sample \d+ gives [xX0] instead of [1-3], \d+ of 40 samples differ"),
        (PLAIN, "model.v", "rank1 <= rank1_next", "rank1 <= ~rank1_next", r"sample \d+ gives . instead of ., \d+ of 40 samples differ"),
        (PLAIN, "model.v", "always @(posedge clk) rank2 <=", "always @* rank2 =", r"sample \d+ gives . instead of ., \d+ of 40 samples differ"),
        (VALID, "model_datapath.v", "if (load[0]) rank1", "rank1", r"sample \d+ gives .*"),
        (VALID, "model.v", "if (rst)", "if (1'b0)", "valid or ready is unknown after the reset, at sample 0"),
        (VALID, "model.v", "valid <= 2'b0", "valid <= 2'b10", "there is an answer right after a reset, at sample 0"),
        (VALID, "model.v", "in_ready = load_0", "in_ready = 1'b1", r".*"),
        (VALID, "model.v", "in_ready = load_0", "in_ready = 1'b0", "there are too many answers, at sample 40"),
        (VALID, "model.v", "load_1 = ~valid[1] | out_ready", "load_1 = 1'b1", r"an answer changes while it waits, at sample \d+"),
        (VALID, "model.v", "load_0 = ~valid[0] | load_1", "load_0 = ~valid[0] | (load_1 & ~valid[1])", "there are too many answers, at sample 40"),
        (AXI, "model.v", "last | s_axis_tlast ?", "last ?", r"there are too many answers, at sample \d+"),
        (AXI, "model.v", "~full | ready", "1'b1", r".*"),
        (AXI, "model.v", "beat <= 2'd0;", "beat <= beat;", r".*"),
        ({**AXI, "bus": 64}, "model.v", "full <= 1'b1", "full <= ~full", r".*"),
    ],
)  # fmt: skip
def test_mutations(
    options: dict[str, Any], file: str, before: str, after: str, message: str, tmp_path: Path
) -> None:
    project = small("63 features", tmp_path, samples=40, **options)
    assert project.simulate().passed
    mutate(project, file, before, after)
    found = project.simulate()
    assert not found
    assert re.fullmatch(f"FAIL {message}", found.message), found.message


def test_every_gate_counts(tmp_path: Path) -> None:
    """Each gate that is inverted in turn is noticed."""
    project = small("one layer", tmp_path, outputs="both")
    path = project.folder / "rtl" / "model_core.v"
    text = path.read_text()
    gates = re.findall(r"wire \w+ = .*;", text)
    assert len(gates) > 10
    for gate in gates:
        name, _, value = gate.partition(" = ")
        path.write_text(text.replace(gate, f"{name} = ~({value[:-1]});"))
        assert project.simulate().message.startswith("FAIL sample "), gate


@pytest.mark.parametrize("options", [VALID, AXI], ids=["valid", "axi"])
def test_another_latency(options: dict[str, Any], tmp_path: Path) -> None:
    project = small("63 features", tmp_path, samples=40, **options)
    path = project.folder / "tb" / "model_tb.v"
    path.write_text(path.read_text().replace("LATENCY = 2;", "LATENCY = 3;"))
    message = "FAIL the latency is not what it should be, at sample 40"
    assert project.simulate().message == message


@pytest.mark.parametrize(
    ("file", "keep", "message"),
    [
        ("vectors.hex", 0, "FAIL there are too few answers, at sample 0"),
        ("vectors.hex", 30, "FAIL there are too few answers, at sample 30"),
        ("expected.hex", 30, "FAIL there are too many answers, at sample 30"),
    ],
)
@pytest.mark.parametrize("options", [{}, VALID], ids=["plain", "valid"])
def test_vectors_that_do_not_match(
    file: str, keep: int, message: str, options: dict[str, Any], tmp_path: Path
) -> None:
    project = small("63 features", tmp_path, samples=40, **options)
    path = project.folder / "tb" / file
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:keep]))
    assert project.simulate().message == message
