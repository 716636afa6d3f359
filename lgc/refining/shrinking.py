"""Gates visited in turn: each becomes a constant, a wire or a twin of a net, if that is cheap.

The gates themselves go when the netlist is swept. What the samples cost more is known before, as in
`improving`.
"""

from __future__ import annotations

from ..loops import Row, loop
from ..words import signed
from .costs import cost_of, over, probe
from .settling import connect, settle
from .spreading import compute, padding, plane_at, spread, tally


@loop(
    signed, padding, plane_at, compute, spread, tally, cost_of, probe, over, connect, settle,
)  # fmt: skip
def shrink(
    inputs: int, k: int, words: int, classes: int, tries: int, bound: int, now: int,
    order: Row, wires: Row, told: Row,
    table: Row, source: Row, head: Row, after: Row, before: Row, level: Row, slot: Row, mark: Row,
    queued: Row, first: Row, link: Row, changed: Row, value: Row, group: Row, weight: Row,
    label: Row, stands: Row, curve: Row, score: Row, cost: Row, delta: Row, touched: Row,
    sample: Row, gain: Row, part: Row, total: Row, alone: Row, bit: Row,
) -> None:  # fmt: skip
    """Visit the gates ``order``, each with ``tries`` of ``wires`` as nets that may stand for it.

    Args:
        bound: what one change may cost.
        now, told: as for `improve`; ``told[4]`` is what all of them together may still cost.
    """
    # the rows in which the first fan-in is 1 stand last
    half = 1 << (k - 1)
    wire_table = (1 << half) - 1
    one_table = wire_table << half | wire_table
    for number in range(len(order)):
        gate = order[number]
        own = (inputs + gate) * words
        now += 3
        touches = probe(
            gate, now, inputs, k, words, classes, table, source, head, after, level, slot, mark,
            queued, first, link, changed, value, group, weight, label, stands, curve, score, cost,
            delta, touched, sample, gain, part, bit,
        )  # fmt: skip
        best_net, best_table, least = source[gate * k], 0, 0
        if touches > 0:
            standing = over(words, own, own, value, part)
            every = 0
            for at in range(15, len(part), 16):
                every += part[at]
            least = -standing
            if every - standing < least:
                best_table, least = one_table, every - standing
            for one in range(tries + k):
                wire = (
                    wires[number * tries + one] if one < tries else source[gate * k + one - tries]
                )
                ones = over(words, wire * words, wire * words, value, part)
                told[0] += 2
                if ones - standing < least:
                    best_net, best_table, least = wire, wire_table, ones - standing
                if every - ones - standing < least:
                    best_net, best_table = wire, wire_table << half
                    least = every - ones - standing
        told[0] += 2
        if least > min(bound, told[4]):
            continue
        connect(gate * k, best_net, source, head, after, before)
        table[gate] = signed(best_table)
        told[1] += 1
        told[2] -= least
        saved = settle(
            gate, now + 2, inputs, k, words, classes, table, source, head, after, level, slot,
            mark, queued, first, link, changed, value, group, weight, label, stands, curve, score,
            cost, delta, touched, sample, bit,
        )  # fmt: skip
        told[3] += saved
        told[4] += saved
