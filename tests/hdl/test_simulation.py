"""Generated projects under Icarus: every style, pipeline, interface and kind of model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lgc
from lgc import demo
from lgc.hdl import Project, Simulation
from lgc.hdl.test_bench import answers, hexadecimal
from tests.backends.corpus import batch, model
from tests.hdl.tools import NEEDS, small

pytestmark = NEEDS["icarus"]

STYLES: list[dict[str, Any]] = [
    {},
    {"style": "primitives", "basis": "nand"},
    {"style": "primitives", "basis": "nor"},
    {"style": "lut"},
    {"family": "ice40"},
    {"family": "ecp5"},
    {"family": "xilinx"},
    {"family": "xilinx", "style": "assign"},
]
PIPELINES: list[dict[str, Any]] = [{}, {"stages": 1}, {"stages": 3}, {"max_logic_depth": 3}]
INTERFACES: list[dict[str, Any]] = [
    {"interface": "plain"},
    {"interface": "valid"},
    {"interface": "axi", "bus": 8},
    {"interface": "axi", "bus": 128},
]
RESULTS: list[dict[str, Any]] = [
    {"outputs": "class"},
    {"outputs": "scores"},
    {"outputs": "both"},
    {"outputs": "bits"},
    {"outputs": "both", "separate": True},
]
MODELS = [
    "one gate", "constants only", "sixteen classes", "outputs that are inputs", "one class",
    "no gates at all", "ties", "gates of six fan-ins", "weights and offsets", "all weights zero",
    "an empty class", "negative offsets", "several layers, not fused", "200 features",
]  # fmt: skip
"""Weights, negative ones, offsets, groups of unequal size, constants, tau."""


def agrees(project: Project, name: str, **given: Any) -> Simulation:
    """It passes on its own vectors, and on samples gives what the reference interpreter gives."""
    assert project.simulate(**given).message == "PASS 40 samples"
    source = lgc.Model(model(name))
    x = batch(source.chain.features, 20)
    if project.shape.options.given is not None:
        x = x % 16
    found = project.simulate(x, **given)
    assert found.message == "PASS 20 samples"
    right = source.evaluate(x)
    if found.bits is not None:
        assert right.bits.shape[1] >= found.bits.shape[1] > 0
    if found.classes is not None:
        assert right.classes is not None
        assert np.array_equal(found.classes, right.classes)
    if found.scores is not None:
        assert right.counts is not None
        assert np.array_equal(found.scores, right.counts)
    return found


@pytest.mark.parametrize("style", STYLES, ids=str)
@pytest.mark.parametrize("pipeline", [{}, {"stages": 3, "interface": "valid"}], ids=str)
def test_styles(style: dict[str, Any], pipeline: dict[str, Any], tmp_path: Path) -> None:
    agrees(small("63 features", tmp_path, samples=40, **style, **pipeline), "63 features")


@pytest.mark.parametrize("pipeline", PIPELINES, ids=str)
@pytest.mark.parametrize("interface", INTERFACES, ids=str)
def test_pipelines_and_interfaces(
    pipeline: dict[str, Any], interface: dict[str, Any], tmp_path: Path
) -> None:
    project = small("63 features", tmp_path, samples=40, **pipeline, **interface)
    agrees(project, "63 features")
    report = project.report()
    assert report["initiation_interval"] == {8: 8, 128: 1}.get(interface.get("bus", 0), 1)
    if "stages" in pipeline:
        assert report["latency"] == pipeline["stages"] + (interface["interface"] == "axi")


@pytest.mark.parametrize("results", RESULTS, ids=str)
@pytest.mark.parametrize("text", ["bits", "u4"])
def test_results_and_inputs(results: dict[str, Any], text: str, tmp_path: Path) -> None:
    options = {"samples": 40, "input_format": text, "stages": 1, "interface": "valid", **results}
    found = agrees(small("64 features", tmp_path, **options), "64 features")
    assert (found.scores is not None) == (results["outputs"] in ("scores", "both"))
    assert (found.bits is not None) == (results["outputs"] == "bits")
    assert (found.classes is not None) == (results["outputs"] != "bits")


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("separate", [False, True])
def test_models(name: str, separate: bool, tmp_path: Path) -> None:
    agrees(small(name, tmp_path, samples=40, outputs="both", separate=separate), name)


@pytest.mark.parametrize("name", ["no sums", "a wide layer"])
def test_wide_answers(name: str, tmp_path: Path) -> None:
    agrees(small(name, tmp_path, samples=40, outputs="bits"), name)


@pytest.mark.parametrize(
    "options",
    [
        {"outputs": "both"},
        {"input_format": "u8", "stages": 3, "interface": "valid", "outputs": "both"},
        {"family": "ice40", "max_logic_depth": 6, "separate": True, "outputs": "both"},
    ],
    ids=str,
)
def test_the_shipped_model(options: dict[str, Any], tmp_path: Path) -> None:
    x, y, scores = demo.images()
    project = lgc.hdl.generate(
        demo.model_path(), tmp_path / "digits", data=x, labels=y, samples=100, **options
    )
    right = (scores[:100].argmax(axis=1) == y[:100]).mean()
    assert project.report()["vectors"]["accuracy"] == pytest.approx(right)
    found = project.simulate()
    assert found.message == "PASS 100 samples"
    assert np.array_equal(found.scores, scores[:100])
    assert np.array_equal(found.classes, scores[:100].argmax(axis=1))


def test_small_modules(tmp_path: Path) -> None:
    project = small("a wide layer", tmp_path, samples=40, outputs="bits", max_lines=200)
    files = list((project.folder / "rtl").glob("*_core_*.v"))  # what joins them only names bits
    assert len(files) > 5
    assert max(len(file.read_text().splitlines()) for file in files) <= 200
    agrees(project, "a wide layer")


def test_one_sample_and_many(tmp_path: Path) -> None:
    """Fewer than are sent without gaps, and more."""
    project = small("64 features", tmp_path, samples=1, stages=2, interface="axi", bus=16)
    assert project.simulate().message == "PASS 1 samples"
    assert project.simulate(batch(64, 200)).message == "PASS 200 samples"


@pytest.mark.parametrize("width", [1, 3, 4, 255, 256, 257, 700])
def test_numbers_in_files(width: int) -> None:
    bits = np.random.default_rng(width).random((5, width)) < 0.5
    text = hexadecimal(bits)
    whole = [
        "".join(reversed([group.zfill(64) for group in line.split()])) for line in text.splitlines()
    ]
    numbers = [int(line, 16) for line in whole]
    assert numbers == [sum(int(bit) << i for i, bit in enumerate(row)) for row in bits]
    digits = -(-width // 4)
    results = "".join(f"{number:0{digits}x}\n" for number in numbers)
    assert np.array_equal(answers(results, width), bits)
    assert not answers("x" * digits, width).any()
