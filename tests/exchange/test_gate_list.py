"""Gate lists: layers there and back, the JSON beside them, and a real one on its data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

import lgc
from lgc import demo
from lgc.errors import InputError, LgcError, LgcWarning, UnsupportedError
from lgc.exchange.gate_list import as_layers, is_gate_list, read_gate_list, write_gate_list
from lgc.exchange.metadata import metadata_path, read_metadata
from lgc.model import Model
from lgc.netlist import Netlist
from lgc.netlist_text import parse_netlist, print_netlist
from lgc.registry import find
from lgc.surgery import compose
from tests import support
from tests.exchange.cases import circuits, joined, same
from tests.strategies import netlists
from tests.support import random_layers, shared_model

HEAD = "layer,neuron,input_a,input_b,gate_id,gate_name\n"


def there_and_back(net: Netlist) -> list[Netlist]:
    layers = as_layers([net])
    data = joined(write_gate_list(layers))
    assert is_gate_list(data)
    same(net, compose(read_gate_list(data, "a.csv").netlists(net.inputs)))
    return layers


@pytest.mark.parametrize("net", circuits(), ids=repr)
def test_there_and_back(net: Netlist) -> None:
    there_and_back(net)


@given(netlists(k=None))
def test_there_and_back_for_any_netlist(net: Netlist) -> None:
    there_and_back(net)


def test_layers_that_are_layers_stay_as_they_are() -> None:
    layers = random_layers([30, 20, 10], 8, 0)
    assert as_layers(layers) == layers


def test_nets_are_passed_through_as_far_as_they_are_read() -> None:
    text = "in 2; %2 = a&b %0 %1; %3 = ~(a|b) %2 %1; %4 = a^b %3 %0; out %4 %2"
    assert [print_netlist(net) for net in as_layers([parse_netlist(text)])] == [
        "in 2; %2 = a %0 %0; %3 = a %1 %1; %4 = a&b %0 %1; out %2 %3 %4",
        "in 3; %3 = a %0 %0; %4 = a %2 %2; %5 = ~(a|b) %2 %1; out %3 %4 %5",
        "in 3; %3 = a^b %2 %0; %4 = a %1 %1; out %3 %4",
    ]


def test_a_deep_circuit_is_refused() -> None:
    own = np.arange(2, 20_002)
    fanin = np.stack([own - 1, own % 10_000], axis=1)
    fanin[:, 1] = np.minimum(fanin[:, 1], own - 1)
    with pytest.raises(
        UnsupportedError, match=r"as layers the circuit takes \d+ neurons\n  hint: it is deep"
    ):
        as_layers([Netlist(2, np.full(20_000, 6), fanin, [20_001])])


def test_what_is_written() -> None:
    net = parse_netlist("in 2; %2 = ~(a&b) %0 %1; %3 = 1 %0 %0; out %2 %3")
    assert joined(write_gate_list([net])).decode() == HEAD + "1,0,0,1,14,not_and\n1,1,0,0,15,one\n"


BAD: list[tuple[str, str]] = [
    (
        "layer,neuron\n1,0\n",
        "f, line 1: 'layer,neuron' is no header of a gate list\n  hint: it is " + HEAD.strip(),
    ),
    (HEAD, "f: the gate list is empty"),
    (
        HEAD + "1,0,0,1,14,not_and\n1,1,0,1,16,?\n",
        "f, line 3: '1,1,0,1,16,?' is no neuron\n  hint: a line is " + HEAD.strip()
        + ", such as 1,0,655,658,14,not_and",
    ),
    (
        HEAD + "1,0,0,-1,14,not_and\n",
        "f, line 2: '1,0,0,-1,14,not_and' is no neuron\n  hint: a line is " + HEAD.strip()
        + ", such as 1,0,655,658,14,not_and",
    ),
    (
        HEAD + "1,0,0,1,14,not_and\n1,1,0",
        "f, line 3: '1,1,0' is no neuron\n  hint: a line is " + HEAD.strip()
        + ", such as 1,0,655,658,14,not_and",
    ),
    (
        HEAD + "1,0,0,1,1,or\n",
        "f, line 2: gate 1 is called or, it is and\n"
        "  hint: gate numbers are truth tables, as in difflogic; does the file count otherwise?",
    ),
    (
        HEAD + "1,0,0,1,1,and\n1,2,0,1,1,and\n",
        "f, line 3: neuron 2 of layer 1 follows a gap or stands there twice\n"
        "  hint: layers count from 1, the neurons of each from 0, without gaps",
    ),
    (
        HEAD + "1,0,0,1,1,and\n1,0,0,1,1,and\n",
        "f, line 3: neuron 0 of layer 1 follows a gap or stands there twice\n"
        "  hint: layers count from 1, the neurons of each from 0, without gaps",
    ),
    (
        HEAD + "1,0,0,1,1,and\n3,0,0,0,1,and\n",
        "f, line 3: neuron 0 of layer 3 follows a gap or stands there twice\n"
        "  hint: layers count from 1, the neurons of each from 0, without gaps",
    ),
    (
        HEAD + "0,0,0,1,1,and\n",
        "f, line 2: neuron 0 of layer 0 follows a gap or stands there twice\n"
        "  hint: layers count from 1, the neurons of each from 0, without gaps",
    ),
    (
        HEAD + "1,0,0,2,1,and\n",
        "f, line 2: neuron 0 of layer 1 reads 2, there are 2 inputs\n"
        "  hint: is the width of the input right?",
    ),
    (
        HEAD + "2,0,0,1,1,and\n1,0,0,1,1,and\n",
        "f, line 2: neuron 0 of layer 2 reads 1, there are 1 neurons before it",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), BAD, ids=range(len(BAD)))
def test_messages(text: str, message: str) -> None:
    with pytest.raises(LgcError, match=re.escape(message) + r"\Z"):
        read_gate_list(text.encode(), "f").netlists(2)


def test_lines_in_any_order_and_foreign_names() -> None:
    text = HEAD + "2,0,1,0,4,whatever\r\n1,1,1,0,7,\r\n1,0,0,1,6,xor"
    nets = read_gate_list(text.encode(), "f").netlists(2)
    assert [print_netlist(net) for net in nets] == [
        "in 2; %2 = a^b %0 %1; %3 = a|b %1 %0; out %2 %3",
        "in 2; %2 = ~a&b %1 %0; out %2",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "f: this is not JSON"),
        ("[1]", "f: the metadata of a gate list is a JSON object"),
        ('{"class_count": "ten"}', 'f: class_count cannot be "ten"'),
        ('{"in_dim": 0}', "f: in_dim cannot be 0"),
        ('{"in_dim": true}', "f: in_dim cannot be true"),
        ('{"tau": -1}', "f: tau cannot be -1"),
        ('{"tau": NaN}', "f: tau cannot be NaN"),
        ('{"input": 3}', "f: input cannot be 3"),
        ('{"logic_layer_sizes": [4, "x"]}', 'f: logic_layer_sizes cannot be [4, "x"]'),
        ('{"logic_layer_sizes": 4}', "f: logic_layer_sizes cannot be 4"),
        (
            '{"preprocess": {"binarization": {"type": "sigma"}}}',
            'f: the binarisation {"type": "sigma"} is not known\n'
            "  hint: say it with --input, after taking it out of the file",
        ),
    ],
)
def test_messages_of_the_json(content: str, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message) + r"\Z"):
        read_metadata(content, "f")


def test_classes_and_thresholds_survive(tmp_path: Path) -> None:
    """Thermometers, classes and tau stand in the JSON: the file says all of the model."""
    model = lgc.load(demo.model_path())
    x, _, scores = demo.images()
    for pipeline in ("dce", "O2"):
        file = tmp_path / f"{pipeline}_gates.csv"
        written = find("backends", "gate-list")().write(
            lgc.optimize(model, pipeline).module, file, {}
        )
        assert written == [file, tmp_path / f"{pipeline}_metadata.json"]
        again = lgc.load(file)
        assert lgc.check(model, again)
        assert (again.evaluate(x).counts == scores).all()


def test_sums_that_no_list_holds_are_left_out(tmp_path: Path) -> None:
    module = lgc.load(demo.model_path()).module
    from lgc.chain import read_chain
    from lgc.dialect.attributes import dense

    sums = read_chain(module).group_sum
    assert sums is not None
    sums.offset = dense(np.arange(10, dtype=np.int32))
    find("backends", "gate-list")().write(module, tmp_path / "a.csv", {})
    content = json.loads((tmp_path / "a_metadata.json").read_text())
    assert "class_count" not in content
    assert lgc.load(tmp_path / "a.csv").chain.group_sum is None


def test_what_is_beside_the_file(tmp_path: Path) -> None:
    assert metadata_path(Path("a/best_gates.csv")) == Path("a/best_metadata.json")
    assert metadata_path(Path("a/best.csv")) == Path("a/best_metadata.json")
    file = tmp_path / "net.csv"
    file.write_text(HEAD + "1,0,0,3,1,and\n1,1,0,1,7,or\n")
    with pytest.warns(
        LgcWarning, match="4 is the least that the wiring allows, --inputs states it"
    ):
        assert lgc.load(file).chain.features == 4
    with pytest.warns(
        LgcWarning, match="net.csv: the input width is not in the file; 2 is the least"
    ):
        assert lgc.load(file, input="thermometer:1,2").chain.features == 2
    (tmp_path / "net.json").write_text('{"in_dim": 5, "class_count": 2, "tau": 3}')
    sums = lgc.load(file).chain.group_sum
    assert sums is not None
    assert (sums.classes, sums.tau.value.data) == (2, 3.0)
    (tmp_path / "net_metadata.json").write_text('{"in_dim": 6, "logic_layer_sizes": [2]}')
    assert lgc.load(file).chain.features == 6
    assert lgc.load(file, inputs=7, classes=1).chain.features == 7
    (tmp_path / "other.json").write_text('{"logic_layer_sizes": [3]}')
    with pytest.raises(
        InputError,
        match=re.escape(
            "net.csv: the layers have [2] neurons, other.json says [3]\n  hint: do the two files belong together?"
        ),
    ):
        lgc.load(file, description=tmp_path / "other.json")
    (tmp_path / "other.json").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"other.json: this is not text\Z"):
        lgc.load(file, description=tmp_path / "other.json")


def test_widths_that_no_model_has(tmp_path: Path) -> None:
    """A few bytes would ask for a lot of memory."""
    (tmp_path / "net.csv").write_text(
        "layer,neuron,input_a,input_b,gate_id,gate_name\n1,0,0,999999999,6,xor\n"
    )
    (tmp_path / "wide.csv").write_text(
        "layer,neuron,input_a,input_b,gate_id,gate_name\n1,0,0,1,6,xor\n"
    )
    (tmp_path / "wide.json").write_text('{"in_dim": 2000000000}')
    for name, inputs in (("net.csv", 10**9), ("wide.csv", 2 * 10**9)):
        for act in (lgc.load, lgc.inspect):
            with pytest.raises(InputError) as caught:
                act(tmp_path / name)
            assert str(caught.value) == (
                f"{name}: {inputs} inputs are more than the 16777216 that lgc takes\n"
                "  hint: is the file damaged?"
            )


def test_a_real_list_on_its_data() -> None:
    model = lgc.load(shared_model("ei_ddlgn_small") / "best_lgn_gates.csv")
    assert isinstance(model, Model)
    assert (model.gates, model.chain.features) == (8000, 784)
    data = support.SHARED / "data" / "mnist.npz"
    if not data.is_file():
        pytest.skip("the data set mnist is not on this machine")
    with np.load(data) as arrays:
        x, y = arrays["x_test"].reshape(-1, 784), arrays["y_test"]
    kernel = lgc.compile(model)
    assert (kernel.predict((x / 255).astype(np.float32)) == y).mean() == pytest.approx(0.9214)
