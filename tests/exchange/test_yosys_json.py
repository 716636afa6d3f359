"""Yosys's JSON: each kind of cell is what Yosys says it is; what is damaged or unknown is refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lgc.equivalence import compare_netlists
from lgc.errors import InputError, LgcError, UnsupportedError
from lgc.exchange.blif import read_blif
from lgc.exchange.cells import BITWISE, GATES, SINGLE
from lgc.exchange.yosys_json import is_yosys_json, read_yosys_json
from tests.exchange.test_fuzz import CIRCUITS

MAKERS = {
    "ice40": ["SB_CARRY", "SB_LUT4"],
    "ecp5": ["PFUMX", "L6MUX21", "LUT4"],
    "xilinx": ["LUT1", "LUT2", "LUT3", "LUT4", "LUT5", "LUT6", "MUXF7", "MUXF8", "MUXF9", "INV",
               "IBUF", "OBUF", "GND", "VCC"],
    "gowin": ["MUX2_LUT5", "MUX2_LUT6", "MUX2_LUT7", "MUX2_LUT8", "LUT1", "LUT2", "LUT3", "LUT4"],
}  # fmt: skip
LUTS = {
    ("ice40", "SB_LUT4"): ("I0 I1 I2 I3", "O", "LUT_INIT"),
    ("ecp5", "LUT4"): ("A B C D", "Z", "INIT"),
    **{
        ("xilinx", f"LUT{k}"): (" ".join(f"I{i}" for i in range(k)), "O", "INIT")
        for k in range(1, 7)
    },
    **{
        ("gowin", f"LUT{k}"): (" ".join(f"I{i}" for i in range(k)), "F", "INIT")
        for k in range(1, 5)
    },
}


def yosys(script: str, folder: Path) -> None:
    program = shutil.which("yosys")
    if program is None:
        pytest.skip("the program yosys is not installed")
    done = subprocess.run(
        [program, "-q", "-p", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def write_instances(folder: Path, cells: list[tuple[str, str, str, str]]) -> None:
    """A module with one cell of each kind, which read the first bits of a port and make one each."""
    lines = [f"module t (input [7:0] x, output [{len(cells) - 1}:0] y);"]
    for number, (kind, inputs, output, parameter) in enumerate(cells):
        wired = [f".{port}(x[{place}])" for place, port in enumerate(inputs.split())]
        wired.append(f".{output}(y[{number}])")
        lines.append(f"  {kind} {parameter}c{number} ({', '.join(wired)});")
    (folder / "t.v").write_text("\n".join([*lines, "endmodule", ""]))


def same(folder: Path, kinds: list[str]) -> None:
    """What the cells are in JSON and in Yosys's gates."""
    found = read_yosys_json((folder / "t.json").read_bytes(), "t.json")
    wanted = read_blif((folder / "t.blif").read_bytes(), "t.blif")
    result = compare_netlists(found.net, wanted.net)
    assert result, f"{kinds}: {result}"
    assert result.how.startswith("exhaustive")


def test_gates_of_yosys(tmp_path: Path) -> None:
    """Its models for simulation say what they compute."""
    kinds = [kind for kind in GATES if kind.startswith("$_")]
    shapes = [
        (f"\\{kind} ", " ".join(GATES[kind].inputs), GATES[kind].output, "") for kind in kinds
    ]
    write_instances(tmp_path, shapes)
    yosys(
        "read_verilog -icells t.v; hierarchy -top t; write_json t.json; techmap -map +/simcells.v; "
        "techmap; simplemap; opt; abc -g AND; opt_clean -purge; write_blif t.blif",
        tmp_path,
    )
    same(tmp_path, kinds)


@pytest.mark.parametrize("maker", MAKERS)
def test_cells_of_makers(maker: str, tmp_path: Path) -> None:
    """The same of the cells of FPGAs, LUTs with random tables."""
    shapes: list[tuple[str, str, str, str]] = []
    for kind in MAKERS[maker]:
        if (maker, kind) in LUTS:
            inputs, output, name = LUTS[maker, kind]
            wide = 1 << len(inputs.split())
            init = int.from_bytes(np.random.default_rng(wide).bytes(8), "little") % (1 << wide)
            shapes.append((kind, inputs, output, f"#(.{name}({wide}'h{init:x})) "))
        else:
            shapes.append((kind, " ".join(GATES[kind].inputs), GATES[kind].output, ""))
    write_instances(tmp_path, shapes)
    library = f"{'-D ICE40_HX ' if maker == 'ice40' else ''}+/{maker}/cells_sim.v"
    yosys(
        f"read_verilog -lib {library}; read_verilog t.v; hierarchy -top t; select t; json -o t.json",
        tmp_path,
    )
    yosys(
        f"read_verilog -defer {library}; read_verilog t.v; hierarchy -top t; proc; flatten; opt; techmap; simplemap; "
        "opt; opt_clean -purge; write_blif t.blif",
        tmp_path,
    )
    same(tmp_path, MAKERS[maker])


def cell(kind: str, connections: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return {"type": kind, "connections": connections, "parameters": parameters}


def netlist(cells: dict[str, Any], inputs: int = 2, outputs: Any = (9,), **more: Any) -> bytes:
    """A module whose inputs are the bits from 2 on."""
    ports = {
        "a": {"direction": "input", "bits": list(range(2, 2 + inputs))},
        "y": {"direction": "output", "bits": list(outputs)},
    }
    module = {"ports": ports, "cells": cells}
    return json.dumps({"creator": "Yosys", "modules": {"top": module, **more}}).encode()


AND = cell("$_AND_", {"A": [2], "B": [3], "Y": [9]})


def values(data: bytes) -> list[int]:
    """The outputs as numbers, for all inputs in order."""
    from lgc.evaluation import pack_planes, unpack_planes

    net = read_yosys_json(data, "f").net
    every = np.arange(1 << net.inputs)
    bits = (every[:, None] >> np.arange(net.inputs) & 1).astype(np.bool_)
    out = unpack_planes(net.evaluate(pack_planes(bits)), len(every))
    return (out @ (1 << np.arange(out.shape[1]))).tolist()


def test_words_and_single_bits() -> None:
    for kind, one in {**BITWISE, **SINGLE}.items():
        wide = 2 if kind in BITWISE else 1
        place = iter(range(2, 20))
        connections = {
            port: [next(place) for _ in range(1 if port == "S" else wide)]
            for port in sorted(one.inputs)
        }
        inputs = next(place) - 2
        made = list(range(40, 40 + wide))
        found = values(netlist({"c": cell(kind, {**connections, "Y": made})}, inputs, made))
        every = np.arange(1 << inputs)
        words = {
            port: sum((every >> bit - 2 & 1) << i for i, bit in enumerate(bits))
            for port, bits in connections.items()
        }
        a, b, s = (words.get(name, np.zeros_like(every)) for name in "ABS")
        wanted = {
            "$and": a & b, "$or": a | b, "$xor": a ^ b, "$xnor": ~(a ^ b), "$not": ~a, "$pos": a,
            "$buf": a, "$mux": np.where(s == 1, b, a), "$logic_not": ~a, "$logic_and": a & b,
            "$logic_or": a | b, "$reduce_xnor": ~a,
        }.get(kind, a)  # fmt: skip
        assert found == (np.asarray(wanted) & (1 << wide) - 1).tolist(), kind


def test_constants_and_names() -> None:
    """x is 0, also in a table; a table may be a number."""
    data = netlist({"l": cell("$lut", {"A": [2, "1"], "Y": [9]}, WIDTH=2, LUT="1x00"),
                    "m": cell("$lut", {"A": ["x", 3], "Y": [8]}, LUT=4), "$scopeinfo": cell("$scopeinfo", {})},
                   outputs=[9, 8, "0", "1", "x", 2])  # fmt: skip
    assert values(data) == [0b001000, 0b101001, 0b001010, 0b101011]
    circuit = read_yosys_json(data, "f")
    assert circuit.outputs == tuple(f"y[{i}]" for i in range(6))


def test_cells_in_any_order_and_without_outputs() -> None:
    data = netlist({"last": cell("$_NOT_", {"A": [8], "Y": [9]}), "first": {**AND, "connections": {
        "A": [2], "B": [3], "Y": [8]}}, "unused": cell("$_NOT_", {"A": [2]})})  # fmt: skip
    assert values(data) == [1, 1, 1, 0]


FLAT = "yosys -p 'read_json f; hierarchy -auto-top; flatten; opt_clean; write_json again.json' writes what can be read"
PLAIN = "yosys -p 'read_json f; techmap; simplemap; opt_clean; write_json again.json' writes what can be read"
MEMORY = "BLIF and AIGER say what registers start with; or cut the circuit there, and --state"
BLACK = {"attributes": {"blackbox": "1"}, "ports": {}}
BITS_HINT = '\n  hint: bits are numbers, or "0", "1" and "x"'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "f: this is not JSON\n  hint: is the file whole? Yosys's write_json makes it"),
        (b"[" * 100_000, "f: this is not JSON\n  hint: is the file whole? Yosys's write_json makes it"),
        (b"{}", "f: there are no modules\n  hint: Yosys's write_json makes them"),
        (b'{"modules": {}}', f"f: there is no module with gates\n  hint: {FLAT}"),
        (b'{"modules": {"m": 1}}', "f: module 'm' is damaged"),
        (netlist({}, other={"ports": {}}), f"f: there are 2 modules and none is the top one: 'top', 'other'\n  hint: {FLAT}"),
        (netlist({}, inputs=0), "f: the circuit has no inputs\n  hint: a model has at least one of each"),
        (netlist({"c": AND}, outputs=[]), "f: the circuit has no outputs\n  hint: a model has at least one of each"),
        (netlist({"c": AND}, outputs=["q"]), f'f, module top, port y: a bit cannot be "q"{BITS_HINT}'),
        (netlist({"c": AND}, outputs=["z"]), f'f, module top, port y: a bit cannot be "z"{BITS_HINT}'),
        (netlist({"c": AND}, outputs=[True]), f"f, module top, port y: a bit cannot be true{BITS_HINT}"),
        (netlist({"c": AND}, outputs=[10**30]), f"f, module top, port y: a bit cannot be 10000000000000000000{BITS_HINT}"),
        (netlist({"c": {}}), "f, module top, cell c: the cell has no type or connections"),
        (netlist({"c": AND, "d": AND}), "f, module top, cell d: bit 9 has a second driver"),
        (netlist({"c": cell("$_AND_", {"A": [2], "B": [3], "Y": [2]})}), "f, module top, cell c: bit 2 has a second driver"),
        (netlist({"c": cell("$_AND_", {"A": [2], "B": [3], "Y": ["0"]})}), "f, module top, cell c: its output is a constant"),
        (netlist({"c": cell("$_AND_", {"A": [2], "B": [5], "Y": [9]})}), "f, module top, cell c: bit 5 is read, but nothing drives it\n  hint: was a cell left out, or is an input of the design not connected?"),
        (netlist({"c": AND}, outputs=[9, 7]), "f, module top, port y[1]: bit 7 is read, but nothing drives it\n  hint: was a cell left out, or is an input of the design not connected?"),
        (netlist({"c": cell("$_AND_", {"A": [2], "Y": [9]})}), f"f, module top, cell c: port B has 0 bits where 1 are needed\n  hint: {PLAIN}"),
        (netlist({"c": cell("$and", {"A": [2, 3], "B": [3], "Y": [9, 8]})}), f"f, module top, cell c: port B has 1 bits where 2 are needed\n  hint: {PLAIN}"),
        (netlist({"c": cell("$_AND_", {"A": [2], "B": [3], "Y": [9, 8]})}), "f, module top, cell c: port Y has 2 bits, not 1"),
        (netlist({"c": cell("$add", {"A": [2], "B": [3], "Y": [9]})}), f"f, module top, cell c: what a $add computes is not known\n  hint: {PLAIN}"),
        (netlist({"c": cell("$_DFF_P_", {"D": [2], "C": [3], "Q": [9]})}), f"f, module top, cell c: $_DFF_P_ is a register\n  hint: {MEMORY}"),
        (netlist({"c": cell("SB_DFFE", {"D": [2], "C": [3], "Q": [9]})}), f"f, module top, cell c: SB_DFFE is a register\n  hint: {MEMORY}"),
        (netlist({"c": cell("$mem_v2", {})}), f"f, module top, cell c: $mem_v2 is a register\n  hint: {MEMORY}"),
        (netlist({"c": cell("black", {"A": [2]})}, black=BLACK), f"f, module top, cell c: what a black computes is not known\n  hint: {PLAIN}"),
        (netlist({"c": cell("$lut", {"A": [2] * 7, "Y": [9]}, LUT="0")}), "f, module top, cell c: the table has 7 inputs\n  hint: lgc takes up to 6: yosys -p 'read_json f; abc -lut 6; opt_clean; write_json again.json' writes what can be read"),
        (netlist({"c": cell("$lut", {"A": [2], "Y": [9]})}), "f, module top, cell c: the table LUT is missing or damaged"),
        (netlist({"c": cell("LUT2", {"I0": [2, 3], "I1": [3], "O": [9]}, INIT="1")}), "f, module top, cell c: a LUT2 reads 3 bits"),
        (netlist({"c": cell("$_NOT_", {"A": [8], "Y": [9]}), "d": cell("$_NOT_", {"A": [9], "Y": [8]})}), "f, module top: cells wait for one another: 'c' reads 'd' reads 'c'\n  hint: a circuit without memory has no cycles"),
    ],
)  # fmt: skip
def test_messages(data: bytes, message: str) -> None:
    with pytest.raises(LgcError) as caught:
        read_yosys_json(data, "f")
    assert str(caught.value) == message


def test_ports_that_go_both_ways_or_nowhere() -> None:
    for port, error, message in (
        ({"direction": "inout", "bits": [2]}, UnsupportedError, "the port goes both ways"),
        ({"bits": [2]}, InputError, "the port has no direction"),
        ({"direction": "input", "bits": ["0"]}, InputError, "an input is a constant"),
    ):
        data = json.dumps({"modules": {"top": {"ports": {"p": port}}}}).encode()
        with pytest.raises(error, match=re.escape(f"f, module top, port p: {message}")):
            read_yosys_json(data, "f")


def test_the_top_module_is_the_marked_one() -> None:
    content = json.loads(netlist({"c": AND}))
    content["modules"]["top"]["attributes"] = {"top": "00000001"}
    content["modules"]["another"] = {"ports": {}, "attributes": {"top": "0"}}
    content["modules"]["box"] = BLACK
    assert values(json.dumps(content).encode()) == [0, 0, 0, 1]


ODD = (None, True, 1, -1, 3.5, "", "x", "0", [], {}, [1], [[1]], {"a": 1}, 10**30, "1" * 50, ["z"])


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a JSON value."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, one in inner:
        yield (*path, key)
        yield from paths(one, (*path, key))


@pytest.mark.parametrize("name", ["words", "hierarchy", "largest_ecp5"])
def test_odd_values_in_odd_places(name: str) -> None:
    """What stands somewhere in the file becomes something else: an error of ours, or a circuit."""
    text = (CIRCUITS / f"{name}.json").read_text()
    places = list(paths(json.loads(text)))
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        content = json.loads(text)
        *way, last = places[random.integers(len(places))]
        value = content
        for key in way:
            value = value[key]
        value[last] = ODD[random.integers(len(ODD))]
        try:
            read_yosys_json(json.dumps(content).encode(), "f")
        except LgcError:
            refused += 1
    assert refused > 100


def test_is_known_by_its_start() -> None:
    assert is_yosys_json(b'{\n  "creator": "Yosys 0.23 (git sha1 7ce5011c24b)",\n  "modules": {\n')
    assert is_yosys_json(b'{"modules":{"top":{')
    for other in (b"{}", b'{"n_inputs": 3}', b'{"creator": "x", "nets": {}}', b"[]", b""):
        assert not is_yosys_json(other)
