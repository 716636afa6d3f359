"""cocotb: a test in Python of the same vectors, and the script that runs it."""

from __future__ import annotations

from collections.abc import Iterator

from .templates import filled
from .test_bench import GROUP, Shape


def cocotb_files(shape: Shape) -> Iterator[tuple[str, str]]:
    """Names and texts."""
    interface = shape.options.interface
    results = [(word.name, word.bits) for word in shape.results]
    if interface == "axi":
        results = [("m_axis_tdata", -(-shape.outputs // 8) * 8)]
    values: dict[str, object] = {
        "name": shape.name,
        "latency": shape.latency,
        "results": repr(results),
        "group": GROUP,
        "bus": shape.bus,
        "beats": shape.beats,
        "interval": shape.interval,
    }
    if interface == "plain":
        body = _CLOCKED if shape.latency else _COMBINATIONAL
        values["imports"] = ""
    else:
        ports = _VALID if interface == "valid" else _AXI
        body = _STREAM
        values["imports"] = "import random"
        values["ports"] = filled(ports, values).rstrip("\n")
        values["reset"], values["clock"], values["level"] = (
            ("rst", "clk", 1) if interface == "valid" else ("aresetn", "aclk", 0)
        )
    yield f"cocotb_{shape.name}.py", filled(_HEAD, values) + filled(body, values)
    yield "run_cocotb.py", filled(_RUNNER, values)


_HEAD = '''\
"""cocotb 2 test of @name@: plays vectors.hex and compares with expected.hex."""

@imports@
from pathlib import Path

import cocotb
from cocotb.triggers import Timer

HERE = Path(__file__).resolve().parent
LATENCY = @latency@
RESULTS = @results@  # names and bits, the first lowest


def numbers(name):
    """A number a line: groups of @group@ bits, the lowest first."""
    with open(HERE / name) as file:
        for line in file:
            yield sum(int(group, 16) << (@group@ * i) for i, group in enumerate(line.split()))


def found(dut):
    """What the result ports hold, as one number."""
    total = low = 0
    for name, bits in RESULTS:
        total |= getattr(dut, name).value.to_unsigned() << low
        low += bits
    return total


'''

_COMBINATIONAL = """\
@cocotb.test()
async def gives_what_the_model_gives(dut):
    for sample, expected in zip(numbers("vectors.hex"), numbers("expected.hex"), strict=True):
        dut.x.value = sample
        await Timer(10, "ns")
        assert found(dut) == expected
"""

_CLOCKED = """\
@cocotb.test()
async def gives_what_the_model_gives(dut):
    samples, expected = list(numbers("vectors.hex")), list(numbers("expected.hex"))
    assert len(samples) == len(expected)
    dut.clk.value = 0
    for cycle in range(len(samples) + LATENCY - 1):
        dut.x.value = samples[min(cycle, len(samples) - 1)]
        await Timer(5, "ns")
        dut.clk.value = 1
        await Timer(5, "ns")
        dut.clk.value = 0
        if cycle >= LATENCY - 1:
            assert found(dut) == expected[cycle - LATENCY + 1]
"""

_STREAM = '''\
@ports@


@cocotb.test()
async def gives_what_the_model_gives(dut):
    """With gaps and back-pressure."""
    chance = random.Random(1)
    inputs = beats(numbers("vectors.hex"))
    expected = list(numbers("expected.hex"))
    offered, answered = next(inputs), 0
    dut.@clock@.value = 0
    dut.@reset@.value = @level@
    offer(dut, None)
    for cycle in range(100 * len(expected) * @interval@ + 1000):
        if cycle == 3:
            dut.@reset@.value = 1 - @level@
        waits = cycle > 3 and offered is not None and (valid(dut) or chance.random() < 0.6)
        offer(dut, offered if waits else None)
        take(dut, chance.random() < 0.6)
        await Timer(5, "ns")
        moved_in = waits and accepted(dut)
        if cycle > 3 and answer(dut):
            assert found(dut) == expected[answered]
            answered += 1
        dut.@clock@.value = 1
        await Timer(5, "ns")
        dut.@clock@.value = 0
        if moved_in:
            offered = next(inputs, None)
            offer(dut, None)
            await Timer(1, "ns")
        if answered == len(expected):
            return
    raise AssertionError("nothing moves any more")
'''

_VALID = """\
def beats(samples):
    for sample in samples:
        for beat in range(@beats@):
            yield sample >> (@bus@ * beat) & ((1 << @bus@) - 1)


def offer(dut, beat):
    dut.in_valid.value = int(beat is not None)
    if beat is not None:
        dut.x.value = beat


def valid(dut):
    return dut.in_valid.value == 1


def accepted(dut):
    return dut.in_ready.value == 1


def take(dut, ready):
    dut.out_ready.value = int(ready)


def answer(dut):
    return dut.out_valid.value == 1 and dut.out_ready.value == 1
"""

_AXI = '''\
def beats(samples):
    """Data and whether they are the last."""
    for sample in samples:
        for beat in range(@beats@):
            yield sample >> (@bus@ * beat) & ((1 << @bus@) - 1), beat == @beats@ - 1


def offer(dut, beat):
    dut.s_axis_tvalid.value = int(beat is not None)
    if beat is not None:
        dut.s_axis_tdata.value, dut.s_axis_tlast.value = beat[0], int(beat[1])


def valid(dut):
    return dut.s_axis_tvalid.value == 1


def accepted(dut):
    return dut.s_axis_tready.value == 1


def take(dut, ready):
    dut.m_axis_tready.value = int(ready)


def answer(dut):
    return dut.m_axis_tvalid.value == 1 and dut.m_axis_tready.value == 1
'''

_RUNNER = '''\
"""Runs cocotb_@name@.py: pip install "cocotb>=2.0"; the simulator is Icarus Verilog, or $SIM."""

import os
import sys
from pathlib import Path

from cocotb_tools.runner import get_results, get_runner

HERE = Path(__file__).resolve().parent
RTL = HERE.parent / "rtl"
BUILD = HERE.parent / "build" / "cocotb"

sources = [RTL / line for line in (RTL / "files.f").read_text().split()]
if (HERE / "cells.v").is_file():
    sources.append(HERE / "cells.v")
runner = get_runner(os.environ.get("SIM", "icarus"))
runner.build(
    sources=sources, hdl_toplevel="@name@", defines={"LGC_CELLS": 1}, build_dir=BUILD,
    always=True, timescale=("1ns", "1ps"),
)
results = runner.test(
    hdl_toplevel="@name@", test_module="cocotb_@name@", test_dir=HERE, build_dir=BUILD,
    results_xml=str(BUILD / "results.xml"),
)
tests, failed = get_results(results)
print(f"{tests} tests, {failed} failed")
sys.exit(1 if failed or not tests else 0)
'''
