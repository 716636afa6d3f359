"""Pipeline text, checks after every pass, instruments, crash files, reduction."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from lgc import registry
from lgc.chain import Sums, build_module, read_chain
from lgc.equivalence import compare, subject
from lgc.errors import InputError, UsageError
from lgc.facts import Facts, of_thresholds
from lgc.instruments import DumpDir, PrintIR
from lgc.interfaces import NetlistPass
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from lgc.pipeline import (
    NAMED,
    Fixpoint,
    PassChangedFunctionError,
    Pipeline,
    parse_pipeline,
)
from lgc.reduction import Case, free, reduce_case
from lgc.reproducer import Reproducer, read_recipe, write_crash
from lgc.text import parse_module
from tests.support import random_layers, shared_model


def model(seed: int = 0):
    return build_module(12, random_layers([60, 50, 40], 12, seed), Sums(4, 3.0))


@dataclass(frozen=True)
class BreakFirstOutput(NetlistPass):
    """A pass with a bug."""

    name = "break-first-output"

    def rewrite(self, net: Netlist) -> Netlist:
        table = net.table.copy()
        table[net.outputs[0] - net.inputs] ^= np.uint64(15)
        return Netlist(net.inputs, table, net.fanin, net.outputs)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foldd", "there is no pass called 'foldd'\n  hint: did you mean fold?"),
        ("xyzzy", "there is no pass called 'xyzzy'\n  hint: `lgc list` prints what there is"),
        ("fold{", "pipeline 'fold{': brackets do not match"),
        ("fold)", "pipeline 'fold)': brackets do not match"),
        (
            "unpack{limit=x}",
            "pass unpack: Incompatible types: given ('x',), expected <class 'int'>",
        ),
        (
            "unpack{colour=3}",
            'pass unpack: Provided arguments ["colour"] not found in expected arguments ["limit"]',
        ),
        ("fixpoint(fixpoint(fold))", "a fixpoint group holds passes only"),
    ],
)
def test_bad_text(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_pipeline(text)
    assert message in str(caught.value)


def test_text_round_trip() -> None:
    text = "fuse-layers,fixpoint(fold,dce),unpack{limit=7}"
    parsed = parse_pipeline(text)
    assert str(parsed) == text
    assert isinstance(parsed.items[1], Fixpoint)
    assert str(parse_pipeline(" O1 , dce ")) == "fuse-layers,dce,fold,dce,dce"
    assert str(parse_pipeline("")) == ""


@pytest.mark.parametrize("name", NAMED)
def test_named_pipelines_keep_the_function(name: str) -> None:
    module = model()
    before = module.clone()
    stats = parse_pipeline(name).run(module, check="exhaustive")
    assert compare(subject(before), subject(module))
    assert {one.checked for one in stats} <= {"exhaustive, 4,096 vectors", "unchanged"}
    assert all(step.why for step in NAMED[name])


def test_a_fixpoint_group_stops_when_nothing_changes() -> None:
    module = model()
    stats = parse_pipeline("fuse-layers,fixpoint(dce,fold)").run(module)
    assert [one.changed for one in stats[-2:]] == [False, False]
    assert len(stats) <= 1 + 2 * 4


def test_a_pass_that_changes_the_function_is_caught() -> None:
    module = build_module(2, [parse_netlist("in 2; %2 = a&b %0 %1; out %2")], None)
    with pytest.raises(PassChangedFunctionError) as caught:
        Pipeline((BreakFirstOutput(),)).run(module)
    assert str(caught.value) == (
        "pass break-first-output: the function changed: output bit 0 is 0 and 1 on input 00\n"
        "  hint: this is a bug in the pass; `lgc reduce` makes its input small for a report"
    )


def test_a_pass_that_builds_a_broken_netlist_is_a_bug() -> None:
    class Tangled(BreakFirstOutput):
        def rewrite(self, net: Netlist) -> Netlist:
            return Netlist(net.inputs, net.table, net.fanin + 9, net.outputs)

    module = build_module(2, [parse_netlist("in 2; %2 = a&b %0 %1; out %2")], None)
    with pytest.raises(AssertionError, match="pass break-first-output built a broken netlist"):
        Pipeline((Tangled(),)).run(module)


def test_check_off_does_not_look() -> None:
    module = build_module(2, [parse_netlist("in 2; %2 = a&b %0 %1; out %2")], None)
    stats = Pipeline((BreakFirstOutput(),)).run(module, check="off")
    assert [one.checked for one in stats] == ["off"]


def test_a_pass_that_says_it_changes_the_function_may() -> None:
    class Honest(BreakFirstOutput):
        DECLINES = {"same-function": "that is what it is for"}

    module = build_module(2, [parse_netlist("in 2; %2 = a&b %0 %1; out %2")], None)
    Pipeline((Honest(),)).run(module)


def test_mnist_ends_with_the_known_number_of_gates() -> None:
    from lgc.driver import load, optimize
    from lgc.metrics import measure

    folder = shared_model("mnist_6x8000")
    loaded = load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=10, inputs=400
    )
    stage = optimize(loaded, "O2").chain.stages[0]
    figures = measure(stage.net.data)  # type: ignore[union-attr]
    assert figures.and_type + figures.xor_type <= 23_100


def test_print_ir_shortens_large_netlists() -> None:
    stream = io.StringIO()
    big = build_module(30, random_layers([900], 30, 0), Sums(4))
    parse_pipeline("fold,dce,dce").run(big, instruments=[PrintIR(stream)])
    text = stream.getvalue()
    assert text.count("// ---- IR after") == 3
    assert "characters)" in text
    assert max(map(len, text.splitlines())) < 500
    assert text.endswith("// ---- IR after dce\n// unchanged\n")


def test_print_ir_after_some_passes() -> None:
    stream = io.StringIO()
    parse_pipeline("fuse-layers,dce,strash,dce").run(
        model(), instruments=[PrintIR(stream, ("strash",))]
    )
    assert stream.getvalue().count("// ---- IR after strash") == 1
    assert "IR after dce" not in stream.getvalue()


def test_dumps_are_valid_input(tmp_path: Path) -> None:
    module = model()
    parse_pipeline("fuse-layers,dce,strash,dce").run(
        module, instruments=[DumpDir(tmp_path / "dumps")]
    )
    files = sorted((tmp_path / "dumps").iterdir())
    assert [file.name for file in files] == [
        "00-input.mlir", "01-fuse-layers.mlir", "02-dce.mlir", "03-strash.mlir", "04-dce.mlir",
    ]  # fmt: skip
    subjects = [subject(parse_module(file.read_text())) for file in files]
    assert all(compare(subjects[0], one) for one in subjects[1:])


def test_dump_dir_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        DumpDir(tmp_path / "file")
    assert str(caught.value) == f"{tmp_path / 'file'}: cannot be made: File exists"


def test_crash_files_hold_input_and_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    module = model()
    remembers = Reproducer("fast")
    with pytest.raises(PassChangedFunctionError) as caught:
        Pipeline((*parse_pipeline("fuse-layers").items, BreakFirstOutput())).run(
            module, instruments=[remembers]
        )
    file, command = write_crash(caught.value, remembers)
    assert command == f"lgc opt --run-reproducer {file}"
    text = file.read_text()
    assert read_recipe(text, "crash") == ("fast", "break-first-output")
    assert "// lgc.pipeline.PassChangedFunctionError: pass break-first-output" in text
    assert len(read_chain(parse_module(text)).stages) == 1
    with pytest.raises(InputError) as missing:
        read_recipe("hello", "x.mlir")
    assert str(missing.value) == (
        "x.mlir: the file has no line `// reproduce: --check=… -p '…'`\n"
        "  hint: give the pipeline with -p"
    )


def test_reduce_finds_the_smallest_input() -> None:
    """The property: some XOR gate reads an AND gate. Two gates suffice."""

    def interesting(case: Case) -> bool:
        net = case.net
        table = net.table.tolist()
        for gate, reads in enumerate(net.fanin.tolist()):
            sources = [read - net.inputs for read in reads if read >= net.inputs]
            if table[gate] == 6 and any(table[source] == 1 for source in sources):
                return True
        return False

    from lgc.surgery import compose

    net = compose(random_layers([300, 300], 16, 5))
    assert interesting(free(net))
    small = reduce_case(free(net), interesting)
    assert interesting(small)
    assert (small.net.gates, len(small.net.outputs)) == (2, 1), print_netlist(small.net)
    assert small.net.inputs <= 3


def promising() -> Case:
    """Bits of a one-hot group of four, of a feature with three levels, and four free ones."""
    net = random_layers([100], 11, 5)[0]
    feature = np.array([0, 1, 2, 3, 4, 4, 4, 5, 6, 7, 8], np.int32)
    level = np.float32([0, 0, 0, 0, 3, 9, 300, 0, 0, 7, 0])
    one_hot = np.array([2, 2, 2, 2, -1, -1, -1, -1, -1], np.int32)
    return Case(net, "uint8", feature, level, one_hot)


def facts_of(case: Case) -> Facts:
    return of_thresholds(case.dtype, case.feature, case.level, case.one_hot)


def test_reduce_keeps_the_promises_that_a_failure_needs() -> None:
    """The property: a gate reads two bits of one one-hot group."""

    def interesting(case: Case) -> bool:
        hot = facts_of(case).one_hot
        group = hot[facts_of(case).group] if case.net.inputs else hot
        pairs = case.net.fanin[(case.net.fanin < case.net.inputs).all(axis=1)]
        return any(a != b and group[a] == group[b] >= 0 for a, b in pairs.tolist())

    assert interesting(promising())
    small = reduce_case(promising(), interesting)
    assert (small.net.gates, small.net.inputs, small.features) == (1, 2, 2)
    assert small.one_hot.tolist() == [2, 2]
    assert small.level.tolist() == [0, 0]


def test_reduce_drops_the_promises_that_it_does_not_need() -> None:
    """The property: some input is the constant 0, as `x > 300` is for bytes."""

    def interesting(case: Case) -> bool:
        facts = facts_of(case)
        return bool((facts.rank >= facts.most[facts.group]).any())

    small = reduce_case(promising(), interesting)
    assert small.level.tolist() == [300, 0]  # an output reads the second
    assert small.one_hot.tolist() == [-1, -1]
    plain = reduce_case(promising(), lambda case: case.net.gates > 0)
    assert (plain.dtype, plain.net.gates, plain.promising.any()) == ("bool", 1, False)


def test_registry_refuses_two_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Point:
        name: str = "fold"
        module: str = "other"

    registry.entries.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [Point()])
    with pytest.raises(UsageError) as caught:
        registry.entries("passes")
    assert str(caught.value) == (
        "the pass fold of other has the name of a known one\n"
        "  hint: uninstall that package or rename its entry point"
    )
    monkeypatch.undo()
    registry.entries.cache_clear()
    assert "difflogic" in registry.entries("frontends")
