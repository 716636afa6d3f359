"""Laws every pass keeps, found in the folder: same function, deterministic, idempotent, smaller."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp

from lgc import registry
from lgc.chain import Sums, build_module, read_chain
from lgc.equivalence import compare, subject
from lgc.interfaces import LogicPass, NetlistPass
from lgc.netlist import Netlist
from lgc.text import context, print_module
from tests.strategies import netlists
from tests.support import random_layers

EVERY = list(registry.entries("passes"))
PASSES = [name for name in EVERY if name != "approximate"]
"""Those that need no options; `approximate` needs data and has tests of its own."""


def module_of(nets: list[Netlist], sums: Sums | None = None) -> ModuleOp:
    return build_module(nets[0].inputs, nets, sums, dtype="bool")


def after(name: str, module: ModuleOp) -> ModuleOp:
    result = module.clone()
    one: LogicPass = registry.find("passes", name)()
    one.apply(context(), result)
    result.verify()
    return result


def declines(name: str, law: str) -> bool:
    return law in registry.find("passes", name).DECLINES


@pytest.mark.parametrize("name", PASSES)
@settings(max_examples=25)
@given(net=netlists(k=2), other=netlists(k=2))
def test_laws(name: str, net: Netlist, other: Netlist) -> None:
    layers = [net]
    if other.inputs == len(net.outputs):
        layers.append(other)
    check_laws(name, module_of(layers))


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("seed", range(3))
def test_laws_on_layers(name: str, seed: int) -> None:
    check_laws(name, module_of(random_layers([60, 50, 40], 16, seed), Sums(10, 3.0)))


@settings(max_examples=40)
@given(net=netlists(k=None), data=st.data())
def test_laws_for_wider_gates(net: Netlist, data: st.DataObject) -> None:
    rewriting = [n for n in PASSES if issubclass(registry.find("passes", n), NetlistPass)]
    check_laws(data.draw(st.sampled_from(rewriting)), module_of([net]))


def check_laws(name: str, module: ModuleOp) -> None:
    once = after(name, module)
    if not declines(name, "same-function"):
        result = compare(subject(module), subject(once))
        assert result, str(result)
    if not declines(name, "deterministic"):
        assert print_module(after(name, module)) == print_module(once)
    if not declines(name, "idempotent"):
        assert print_module(after(name, once)) == print_module(once)
    if not declines(name, "never-larger"):
        assert read_chain(once).gates <= read_chain(module).gates


@pytest.mark.parametrize("name", EVERY)
def test_passes_say_what_they_do(name: str) -> None:
    assert registry.entries("passes")[name].summary.endswith(".")
    assert registry.find("passes", name).name == name
