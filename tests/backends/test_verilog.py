"""Verilog of every style is the model, read back through Yosys; what cannot be is refused."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lgc
from lgc import demo, registry
from lgc.chain import Sums, build_module
from lgc.driver import ready
from lgc.errors import LgcError, UnsupportedError, UsageError
from lgc.model import Model
from lgc.pipeline import NAMED
from tests.backends import corpus
from tests.cli.test_commands import run  # noqa: F401, a fixture

BACKEND = registry.find("backends", "verilog")()

needs_yosys = pytest.mark.skipif(
    shutil.which("yosys") is None and find_spec("pyosys") is None, reason="Yosys is not installed"
)

STYLES: list[dict[str, Any]] = [
    {},
    {"style": "lut"},
    {"family": "ice40"},
    {"family": "ecp5", "outputs": "scores"},
    {"family": "xilinx", "outputs": "both"},
    {"style": "primitives", "basis": "nand"},
    {"style": "primitives", "basis": "nor", "stages": 1},
    {"style": "primitives", "basis": "mux", "separate": True},
    {"style": "primitives", "basis": "mig"},
    {"separate": True, "outputs": "both", "family": "xilinx"},
    {"stages": 3, "family": "ice40", "interface": "valid"},
    {"stages": 2, "interface": "axi", "bus": 8, "input_format": "u4"},
    {"max_logic_depth": 3, "separate": True, "outputs": "scores"},
    {"outputs": "bits", "input_format": "q6.2", "max_lines": 100},
]


def small(**sums: Any) -> Model:
    layers = corpus.random_layers([40, 24], 12, 5)
    return Model(build_module(12, layers, Sums(3, 2.0, **sums), dtype="uint8"))


def sources(model: Model, pipeline: str | None = None, **options: Any) -> Any:
    (version,) = ready(model, BACKEND, options, pipeline)
    return BACKEND.sources(version.module, {**options, "source": model.module})


def written(model: Model, path: Path, pipeline: str | None = None, **options: Any) -> Path:
    path.write_text("".join(sources(model, pipeline, **options).text()))
    return path


@needs_yosys
@pytest.mark.parametrize("options", STYLES, ids=str)
def test_every_style_is_proved(options: dict[str, Any], tmp_path: Path) -> None:
    weights = {"weight": np.arange(24) % 5 - 2, "offset": [3, -9, 0]}
    for sums in ({}, weights):
        model = small(**sums)
        path = written(model, tmp_path / "t.v", **options)
        goal = lgc.load(path)
        if options.get("outputs") == "bits":
            goal, model = lgc.load(path, classes=3, tau=2.0), small()
        result = lgc.check(model, goal, mode="proof", seconds=60)
        assert result, str(result)
        assert "prove" in result.how


@needs_yosys
def test_a_mutation_is_found(tmp_path: Path) -> None:
    """One table of one LUT."""
    model = small()
    path = written(model, tmp_path / "t.v", family="ice40")
    text = path.read_text()
    tables = list(re.finditer(r"16'h([0-9a-f]{4})", text))
    for match in tables[len(tables) // 2 :: 9]:
        wrong = int(match[1], 16) ^ 0xFFFF
        path.write_text(text[: match.start(1)] + f"{wrong:04x}" + text[match.end(1) :])
        assert not lgc.check(model, path, mode="proof")


@needs_yosys
@pytest.mark.parametrize("name", ["constants only", "sixteen classes", "one input", "no sums",
                                  "no gates at all", "weights and offsets", "an empty class",
                                  "negative offsets", "gates of six fan-ins", "ties"])  # fmt: skip
def test_odd_models(name: str, tmp_path: Path) -> None:
    model = Model(corpus.model(name))
    for pipeline, options in ((None, {"family": "xilinx"}), ("O0", {})):
        path = written(model, tmp_path / "t.v", pipeline, **options)
        assert lgc.check(model, path, mode="proof", seconds=60)


@needs_yosys
def test_the_shipped_net(tmp_path: Path, run: Any) -> None:  # noqa: F811
    """From numbers to the class, in registers; the encoder is part of the proof."""
    flags = ["--family", "ice40", "--input-format", "u8", "--stages", "4"]
    code, _, err = run("compile", demo.model_path(), *flags, "-o", "digits.v")
    assert code == 0, err
    code, out, err = run("check", demo.model_path(), "digits.v", "--proof")
    assert code == 0, err
    assert out.startswith("equal (")
    x, _, scores = demo.images()
    bits = ((x.astype(int)[:, :, None] >> np.arange(8)) & 1).reshape(len(x), -1)
    assert (lgc.load("digits.v").evaluate(bits.astype(bool)).classes == scores.argmax(axis=1)).all()


def test_modules_have_the_names_of_parts_and_wires_those_of_neurons() -> None:
    model = small()
    made = sources(model, "dce", name="net")
    assert [module.name for module in made.modules] == [
        "net_layer_0", "net_layer_1", "net_group_sum", "net_argmax", "net"
    ]  # fmt: skip
    first = "\n".join(made.modules[0].lines)
    assert re.search(r"wire l0_n\d+(_not)? = ", first)
    names = [module.name for module in sources(model, separate=True, stages=2).modules]
    assert {name.rpartition("_stage")[0] for name in names[:-1]} <= {
        "model_core", "model_group_sum", "model_argmax"
    }  # fmt: skip


def test_no_module_is_longer_than_asked_for() -> None:
    made = sources(Model(corpus.model("fused")), "O0", max_lines=100)
    assert len(made.modules) > 8
    assert max(len(module.lines) for module in made.modules[:-1]) <= 100


@given(st.integers(1, 3), st.data())
def test_every_table_in_every_style(k: int, data: st.DataObject) -> None:
    """Lines of all styles, evaluated as Python where that reads the same."""
    from lgc.backends.verilog.gates import expression
    from lgc.tables import depends

    table = data.draw(st.integers(1, (1 << (1 << k)) - 2))
    if not all(depends(np.uint64(table), k, i) for i in range(k)):
        return
    text = expression(table, k).format(*"abc")
    if "?" in text:
        which, rest = text.split(" ? ")
        one, other = rest.split(" : ")
        text = f"({one} & {which}) | ({other} & ~{which})"
    for index in range(1 << k):
        values = dict(zip("abc", (-(index >> (k - 1 - i) & 1) for i in range(k))))
        assert -eval(text, {}, values) == table >> ((1 << k) - 1 - index) & 1


def refused(error: type[LgcError], **options: Any) -> str:
    with pytest.raises(error) as caught:
        sources(small(), **options)
    return str(caught.value)


def test_names_that_are_none() -> None:
    assert refused(UsageError, name="reg") == (
        "--name: reg is a keyword of Verilog\n  hint: choose another"
    )
    assert refused(UsageError, name="2net") == (
        "--name: '2net' cannot be the name of a module\n"
        "  hint: letters, digits and _, no digit first"
    )


def test_stages_deeper_than_the_logic() -> None:
    assert re.match(
        r"--stages: 99 stages are more than the logic is deep: \d+ gates",
        refused(UsageError, stages=99),
    )


def test_luts_too_wide_for_the_family() -> None:
    with pytest.raises(UnsupportedError) as caught:
        sources(Model(corpus.model("gates of six fan-ins")), "O0", family="ice40")
    assert str(caught.value) == (
        "--style lut: a gate has 6 fan-ins, a LUT of ice40 has 4 inputs\n"
        "  hint: end the pipeline with map-lut{k=4}, or leave it to the target"
    )


def test_on_the_command_line(run: Any) -> None:  # noqa: F811
    model = demo.model_path()
    for flags, message in (
        (["--stages", "2", "-o", "a.lgk"], "--stages: says how Verilog looks, not .lgk"),
        (["--max-luts", "10", "-o", "a.v"], "LUTs, more than 10"),
        (["--input-format", "u2", "-o", "a.v"], "a number of the format u2 reaches from 0 to 3"),
        (
            ["--style", "primitives", "--basis", "and", "-o", "a.v"],
            "not every function can be made",
        ),
        (["--force", "-o", "a.v"], "--force: belongs to a project\n  hint: add --target verilog"),
        (["--samples", "3", "-o", "a.v"], "--samples: belongs to a project"),
        (["-o", "a.vhd"], "a.vhd: VHDL is not written\n  hint: .v is, and VHDL can instantiate it"),
        (["--target", "vhdl", "-o", "a"], "--target: there are no projects for 'vhdl'"),
    ):
        code, _, err = run("compile", model, *flags)
        assert code == 1
        assert message in err
    assert not Path("a.v").exists()


def test_a_name_from_the_file(run: Any) -> None:  # noqa: F811
    assert run("compile", demo.model_path(), "-o", "3-bit net.v")[0] == 0
    assert "\nmodule m3_bit_net (" in Path("3-bit net.v").read_text()


def test_the_default_is_o3(run: Any) -> None:  # noqa: F811
    assert run("compile", demo.model_path(), "-o", "a.v")[0] == 0
    passes = [step.text for step in NAMED["O3"]]
    assert f"// pipeline: {','.join(passes)}," in Path("a.v").read_text()


@needs_yosys
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"results":[["class_index",2,1,false]]', '"results":[["x",2,1,false]]'),
        ('"results":[["class_index",2,1,false]]', '"results":[["class_index","2",1,false]]'),
        ('"results":[["class_index",2,1,false]]', '"results":[["class_index",3,1,false]]'),
        ('"results":[["class_index",2,1,false]]', '"results":7'),
        ('"features":12', '"features":1000000000000'),
        ('"features":12', '"features":12,"x":1'),
        ('"format":"bits"', '"format":"u8x"'),
        ('"feature":null', '"feature":[1,2]'),
        ('"dtype":"uint8"', '"dtype":"int3"'),
        ('"top":"model"', '"top":"nothing"'),
    ],
)  # fmt: skip
def test_a_head_that_does_not_fit(old: str, new: str, tmp_path: Path) -> None:
    """Whatever it says, it is the model or refused, by a message for people."""
    path = written(small(), tmp_path / "t.v")
    lines = path.read_text().splitlines()
    head = "".join(line.removeprefix("// lgc: ") for line in lines if line.startswith("// lgc: "))
    assert old in head
    rest = "\n".join(line for line in lines if not line.startswith("// lgc: "))
    path.write_text(f"// lgc: {head.replace(old, new)}\n{rest}\n")
    if new.endswith('"x":1'):
        assert lgc.check(small(), path, mode="proof")
        return
    with pytest.raises(LgcError, match=r"t\.v"):
        lgc.load(path)
