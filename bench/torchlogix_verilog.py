"""A model through torchlogix: its own circuit, simplified by it, and the Verilog that it writes.

torchlogix needs Python 3.12 and torch, so it runs in a Python of its own (``--torchlogix``). Its
circuit ends in scores; a comparison of these in a loop stands around it. Class sums are given to it
without tau, which keeps its scores narrow.
"""

from __future__ import annotations

import json
import re
import subprocess

from fabrics import ToolError
from plain_verilog import Part, argmax_loop, gates, groups, module

from lgc.chain import Chain

INSTALL = (
    "torchlogix: pip install torch numpy, then pip install --no-deps torchlogix, "
    "for a Python of 3.12 or newer, and name that Python with --torchlogix"
)

PROGRAM = """\
import json, sys
from importlib.metadata import version
from torchlogix.circuit import Circuit
circuit = Circuit.from_dict(json.load(sys.stdin))
circuit.simplify()
json.dump([version("torchlogix"), circuit.get_verilog_code()], sys.stdout)
"""

OPS = (
    "CONST_FALSE", "AND", "AND_NOT_B", "WIRE", "AND_NOT_A", "WIRE", "XOR", "OR",
    "NOR", "XNOR", "NOT", "OR_NOT_B", "NOT", "OR_NOT_A", "NAND", "CONST_TRUE",
)  # fmt: skip
"""What torchlogix calls the gate of a table."""

READS: dict[int, tuple[int, ...]] = {0: (), 15: (), 3: (0,), 12: (0,), 5: (1,), 10: (1,)}
"""The fan-ins that a table depends on, where these are not both."""


def circuit(chain: Chain, part: Part) -> dict[str, object]:
    """The model as torchlogix saves a circuit."""
    made: list[dict[str, object]] = []
    before = list(range(chain.bits))
    for stage in chain.stages:
        net = gates(stage)
        first = chain.bits + len(made)
        numbers = [*before, *range(first, first + net.gates)]
        pairs: list[list[int]] = net.fanin.tolist()
        tables: list[int] = net.table.tolist()
        for number, table, pair in zip(numbers[net.inputs :], tables, pairs):
            reads = [numbers[pair[i]] for i in READS.get(table, (0, 1))]
            one, other, *_ = [*reads, -1, -1]
            made.append({"gate_id": number, "op": OPS[table], "in0": one, "in1": other})
        outputs: list[int] = net.outputs.tolist()
        before = [numbers[output] for output in outputs]
    nodes = before
    data: dict[str, object] = {"n_inputs": chain.bits, "input_shape": [chain.bits], "gates": made}
    if part == "complete":
        first = chain.bits + len(made)
        classes = groups(chain)
        nodes = list(range(first, first + len(classes)))
        data["sum_nodes"] = [
            {"node_id": node, "input_ids": [before[bit] for bit in group]}
            for node, group in zip(nodes, classes)
        ]
    return {**data, "outputs": nodes, "output_shape": [len(nodes)]}


def around(chain: Chain, part: Part, written: str) -> str:
    """The module ``top`` around the module ``circuit``."""
    if part == "core":
        return module(chain.bits, chain.outputs, "wire", ["  circuit circuit(.inp(x), .out(y));"])
    found = re.search(r"\[(\d+):0\] scores_flat", written)
    assert found is not None, "torchlogix writes its scores otherwise"
    classes = len(groups(chain))
    size = (int(found[1]) + 1) // classes
    body = [
        f"  wire [{classes * size - 1}:0] flat;",
        "  circuit circuit(.inp(x), .scores_flat(flat));",
        *(
            f"  wire [{size - 1}:0] s{i} = flat[{i * size + size - 1}:{i * size}];"
            for i in range(classes)
        ),
        *argmax_loop(classes, size),
    ]
    return module(chain.bits, max(1, (classes - 1).bit_length()), "reg", body)


def verilog(python: str, chain: Chain, part: Part) -> tuple[str, str]:
    """torchlogix's version, and the file.

    Raises:
        ToolError: that Python does not have it.
    """
    try:
        done = subprocess.run(
            [python, "-c", PROGRAM], input=json.dumps(circuit(chain, part)),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except OSError:
        raise ToolError(INSTALL) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it says nothing"]
        raise ToolError(f"{INSTALL} ({lines[-1]})")
    version, written = json.loads(done.stdout)
    return version, f"{written}\n\n{around(chain, part, written)}"
