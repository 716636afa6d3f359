"""Registers: a program as machine instructions, each value in a register or a slot of the scratch.

The whole program is one run without jumps, so the future is known: when a register is needed, the
value read furthest from now leaves it (Belady, "A study of replacement algorithms for a
virtual-storage computer", IBM Systems Journal 1966), stored the first time it does. A value that
would have to be stored counts as nearer than one that is in memory already. A value read last, or
not again soon, is read from memory by the instruction that uses it. A gate that reads inputs only
is never stored but computed again from the inputs, which have their places anyway (Briggs, Cooper,
Torczon, "Rematerialization", PLDI 1992): fewer planes are alive, and more of them in the caches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lgc.loops import Row, loop
from lgc.netlist import Netlist
from lgc.surgery import arity, first_level

LOAD, STORE, COPY, COMPUTE, COMPUTE_MEMORY = range(5)
COLUMNS = 6
ORDERS = np.array([(0, 1, 2), (0, 2, 1), (1, 2, 0), (1, 0, 2), (2, 0, 1), (2, 1, 0)])
"""Which fan-in each operand position of an instruction holds, destination first."""
NEVER = 1 << 40
SOON = 12
"""Gates within which a value must be read again for a load into a register to pay."""
UNSTORED = 4
"""How much nearer a value counts that has no copy in memory."""


@dataclass(frozen=True, eq=False)
class Code:
    """Instructions of a program.

    Attributes:
        rows: int64 ``(m, 6)``: kind, destination, first operand, second operand, gate, which of
            `ORDERS` its fan-ins have. Operands are registers; the last of COMPUTE_MEMORY, of LOAD
            and of STORE is a slot. The gate is that of the netlist, -1 where none is computed.
        slots: planes of scratch memory.
        outputs: int64 ``(m,)``: slot of each output.
    """

    rows: NDArray[np.int64]
    slots: int
    outputs: NDArray[np.int64]

    @property
    def counts(self) -> dict[str, int]:
        """Gates computed, planes read from and written to memory, registers copied."""
        kinds = np.bincount(self.rows[:, 0], minlength=5).tolist()
        return {
            "loads": kinds[LOAD] + kinds[COMPUTE_MEMORY],
            "stores": kinds[STORE],
            "copies": kinds[COPY],
            "gates": kinds[COMPUTE] + kinds[COMPUTE_MEMORY],
        }


def allocate(
    net: Netlist,
    registers: int,
    firm: NDArray[np.int64],
    overwrites: bool,
    *,
    in_order: bool = False,
) -> Code:
    """Allocate registers and slots.

    Args:
        net: the program in execution order, tidy, every gate one instruction.
        registers: how many there are.
        firm: int64 ``(gates,)``, 1 where the first operand must be in a register.
        overwrites: an instruction of three operands overwrites its first.
        in_order: the outputs, gates that all differ, have the slots that follow those of the
            inputs, in order; else any.
    """
    fanin, reads = net.fanin.astype(np.int64).ravel(), arity(net)
    used = np.arange(net.k) < reads[:, None]
    position = np.arange(net.gates * net.k).reshape(-1, net.k)[used]
    value = fanin[position]
    by_value = np.argsort(value, kind="stable")
    after = np.full(len(position), NEVER, np.int64)
    same = value[by_value][1:] == value[by_value][:-1]
    gate = position // net.k
    last = np.full(net.nets, NEVER, np.int64)
    last[net.outputs] = net.gates
    after[by_value[:-1]] = np.where(same, gate[by_value[1:]], last[value[by_value[:-1]]])
    after[by_value[-1:]] = last[value[by_value[-1:]]]
    due = np.full(fanin.shape, NEVER, np.int64)
    due[position] = after
    first = last.copy()
    np.minimum.at(first, value, gate)

    outputs = np.unique(net.outputs).astype(np.int64)
    again = np.zeros(net.nets, np.int64)  # 1 for what is computed again rather than stored
    again[net.inputs :] = first_level(net)
    again[net.outputs] = 0
    most = net.gates * 6 + len(outputs) + int(again[value].sum()) * 5
    rows = np.zeros(most * COLUMNS, np.int64)
    slot = np.full(net.nets, -1, np.int64)
    slot[: net.inputs] = np.arange(net.inputs)
    home = np.full(net.nets, -1, np.int64)
    taken = net.inputs
    if in_order:
        home[net.outputs] = np.arange(net.inputs, net.inputs + len(net.outputs))
        taken += len(net.outputs)
    state = np.array([0, taken, 0], np.int64)
    _allocate(
        net.gates * 20, net.inputs, net.k, int(overwrites), fanin, reads, firm, due, outputs,
        first, np.full(net.nets, -1, np.int64), np.full(registers, -1, np.int64), slot,
        np.zeros(net.nets + 1, np.int64), again, home, np.zeros(3, np.int64), rows, state,
    )  # fmt: skip
    count, slots, _ = state.tolist()
    return Code(rows[: count * COLUMNS].reshape(-1, COLUMNS), slots, slot[net.outputs])


def _emit(
    rows: Row, state: Row, kind: int, target: int, one: int, two: int, gate: int, order: int
) -> None:  # fmt: skip
    at = state[0] * COLUMNS
    rows[at], rows[at + 1], rows[at + 2], rows[at + 3] = kind, target, one, two
    rows[at + 4], rows[at + 5] = gate, order
    state[0] += 1


def _furthest(
    now: int, next_use: Row, held: Row, slot: Row, again: Row, reads: Row, start: int, size: int
) -> int:
    """The register to give up: an empty one, or that read last of those that the gate whose
    operands start at ``start`` does not read."""
    best, far = -1, -1
    for r in range(len(held)):
        u = held[r]
        if u < 0:
            return r
        use = next_use[u]
        if slot[u] < 0 and again[u] == 0 and use < NEVER:
            use = now + (use - now + UNSTORED - 1) // UNSTORED
        if use > far:
            needed = False
            for j in range(start, start + size):
                if reads[j] == u:
                    needed = True
            if not needed:
                best, far = r, use
    return best


def _vacate(
    r: int, now: int, next_use: Row, register: Row, held: Row, slot: Row, free: Row, again: Row,
    home: Row, rows: Row, state: Row,
) -> None:  # fmt: skip
    """Empty a register; its value is stored if it is read again, has no slot yet and is not
    computed again, which what gate ``now`` reads must not be."""
    u = held[r]
    if u < 0:
        return
    if slot[u] < 0 and next_use[u] < NEVER and (again[u] == 0 or next_use[u] == now):
        if home[u] >= 0:
            slot[u] = home[u]
        elif state[2] > 0:
            state[2] -= 1
            slot[u] = free[state[2]]
        else:
            slot[u] = state[1]
            state[1] += 1
        _emit(rows, state, STORE, 0, r, slot[u], -1, 0)
    register[u] = -1
    held[r] = -1


def _compute(
    g: int, now: int, inputs: int, k: int, overwrites: int, reads: Row, arity: Row, firm: Row,
    next_use: Row, register: Row, held: Row, slot: Row, free: Row, again: Row, home: Row,
    place: Row, rows: Row, state: Row,
) -> None:  # fmt: skip
    """Compute gate ``g``, whose operands are all somewhere, for gate ``now``."""
    start, size = g * k, arity[g]
    memory = -1  # the operand that the instruction reads from memory: the one read last
    for j in range(firm[g], size):
        u = reads[start + j]
        if register[u] < 0 and (memory < 0 or next_use[u] > next_use[reads[start + memory]]):
            memory = j
    for j in range(size):
        u = reads[start + j]
        if register[u] >= 0:
            continue
        r = _furthest(now, next_use, held, slot, again, reads, start, size)
        if j == memory:
            far = NEVER if held[r] < 0 else next_use[held[r]]
            if next_use[u] >= far or next_use[u] > now + SOON:
                continue  # nothing has to leave for it
            memory = -1
        _vacate(r, now, next_use, register, held, slot, free, again, home, rows, state)
        _emit(rows, state, LOAD, r, 0, slot[u], -1, 0)
        register[u] = r
        held[r] = u

    # The result takes the register of an operand that is read last of all, or any other.
    r = _furthest(now, next_use, held, slot, again, reads, start, size)
    far = NEVER if held[r] < 0 else next_use[held[r]]
    target = -1
    for j in range(size):
        u = reads[start + j]
        if j != memory and next_use[u] >= far:
            target, far, r = j, next_use[u], register[u]
    for j in range(size):
        u = reads[start + j]
        place[j] = slot[u] if j == memory else register[u]
    _vacate(r, now, next_use, register, held, slot, free, again, home, rows, state)
    a = 2  # of two operands: the two others
    if size == 3:
        a = 0
        if overwrites == 1:
            a = target
            if target < 0 and memory >= 0:
                a, memory = memory, -1
                _emit(rows, state, LOAD, r, 0, place[a], -1, 0)
            elif target < 0:
                a = 0
                _emit(rows, state, COPY, r, place[0], 0, -1, 0)
    b, c = (a + 1) % 3, (a + 2) % 3
    swap = 0
    if size == 1 or b == memory:
        b, c, swap = c, b, 1
    kind = COMPUTE if memory < 0 else COMPUTE_MEMORY
    _emit(rows, state, kind, r, place[b], place[c], g, 2 * a + swap)
    for j in range(size):
        u = reads[start + j]
        if next_use[u] >= NEVER:
            if register[u] >= 0:
                held[register[u]] = -1
                register[u] = -1
            if slot[u] >= inputs:
                free[state[2]] = slot[u]
                state[2] += 1
    v = inputs + g
    if next_use[v] < NEVER:
        register[v] = r
        held[r] = v


@loop(_emit, _furthest, _vacate, _compute)
def _allocate(
    inputs: int, k: int, overwrites: int, reads: Row, arity: Row, firm: Row, due: Row,
    outputs: Row, next_use: Row, register: Row, held: Row, slot: Row, free: Row, again: Row,
    home: Row, place: Row, rows: Row, state: Row,
) -> None:  # fmt: skip
    """``next_use`` is kept up to date for every net; ``free`` is a stack of free slots;
    ``place`` is where the operands of a gate are; ``state`` counts instructions, slots and free
    slots."""
    for g in range(len(arity)):
        start, size = g * k, arity[g]
        for j in range(size):
            u = reads[start + j]
            if register[u] < 0 and slot[u] < 0:
                _compute(
                    u - inputs, g, inputs, k, overwrites, reads, arity, firm, next_use, register,
                    held, slot, free, again, home, place, rows, state,
                )  # fmt: skip
        for j in range(size):
            next_use[reads[start + j]] = due[start + j]
        _compute(
            g, g, inputs, k, overwrites, reads, arity, firm, next_use, register, held, slot,
            free, again, home, place, rows, state,
        )  # fmt: skip
    for v in outputs:
        if slot[v] < 0:
            _vacate(
                register[v], -1, next_use, register, held, slot, free, again, home, rows, state
            )  # fmt: skip
