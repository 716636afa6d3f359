"""A gate that ignores a fan-in once ran before that fan-in was known, and read another net."""

from __future__ import annotations

import numpy as np

from lgc.backends.llvm import Llvm
from lgc.chain import build_module
from lgc.netlist_text import parse_netlist
from lgc.reference import run


def test_an_idle_fanin_is_not_read() -> None:
    net = parse_netlist("in 2; %2 = a&b %0 %1; %3 = a %0 %2; %4 = a^b %3 %1; out %4")
    module = build_module(2, [net], None)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.uint8)
    assert np.array_equal(Llvm().kernel(module).bits(x), run(module, x).bits)
