"""Certificates are accepted by a checker that is not ours, and spoilt ones are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lgc
from lgc.chain import Sums, build_module
from lgc.equivalence import subject
from lgc.errors import UnsupportedError
from lgc.facts import nothing, of_thresholds
from lgc.netlist_text import parse_netlist
from lgc.proof.certificate import Certificate, certify
from lgc.proof.sweeping import Limits
from lgc.proving import certified
from tests.proof.test_sweeping import sums_of_products
from tests.support import random_layers, shared_model

dratify = pytest.importorskip("dratify", reason="dratify is not installed")


def accepted(certificate: Certificate, folder: Path) -> bool:
    """What dratify says of the two files."""
    formula = certificate.write(folder / "proof.drat")
    text = (folder / "proof.drat").read_text()
    return bool(dratify.check_proof(dratify.parse_dimacs(formula.read_text()), text).ok)


def halves(outputs: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(outputs), np.arange(outputs)


def test_a_certificate_is_accepted(tmp_path: Path) -> None:
    net = sums_of_products(3)
    half = len(net.outputs) // 2
    left, right = (
        lgc.netlist.Netlist(6, net.table, net.fanin, part)
        for part in (net.outputs[:half], net.outputs[half:])
    )
    found = certify(left, right, halves(half), nothing(6), Limits(vectors=64))
    assert isinstance(found, Certificate)
    assert found.effort.conflicts > 0
    assert accepted(found, tmp_path)
    spoilt = Certificate(found.variables, found.formula, [[], *found.lemmas], found.effort)
    assert not accepted(spoilt, tmp_path)
    # the formula alone says that outputs differ: without the last gate they may
    short = Certificate(
        found.variables,
        found.formula[: len(found.formula) // 2] + found.formula[-1:],
        found.lemmas,
        found.effort,
    )
    assert not accepted(short, tmp_path)


def test_facts_are_part_of_the_formula(tmp_path: Path) -> None:
    """x > 3 implies x > 2, and x > 300 never holds."""
    facts = of_thresholds("uint8", [0, 0, 0], np.array([2, 3, 300], np.float32))
    left = parse_netlist("in 3; %3 = a|b %0 %1; %4 = a|b %3 %2; out %4")
    right = parse_netlist("in 3; out %0")
    found = certify(left, right, halves(1), facts, Limits())
    assert isinstance(found, Certificate)
    assert accepted(found, tmp_path)
    assert certify(left, right, halves(1), nothing(3), Limits()) == 1


def test_different_sums_get_none() -> None:
    one = build_module(8, random_layers([20, 20], 8, 0), Sums(4, 1.0))
    other = build_module(8, random_layers([20, 20], 8, 1), Sums(4, 1.0))
    chains = subject(one).chain, subject(other).chain
    with pytest.raises(
        UnsupportedError,
        match=r"^certificate: the class sums add up different bits: \d+ of one model have no equal in the other\n  hint: --proof without --drat compares such sums too$",
    ):
        certified(*chains)


def test_a_trained_network(tmp_path: Path) -> None:
    folder = shared_model("digits_4x2000")
    model = lgc.load(
        folder / "state_dict.pt", wiring=folder / "indices.pt", classes=10, tau=10, inputs=192
    )
    after = lgc.optimize(model, "O2,map-lut{k=3}", check="off")
    assert accepted(certified(model.chain, after.chain), tmp_path)
