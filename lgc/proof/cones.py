"""Parts of a circuit inside a SAT solver: only what a question needs, nets replaced as proved.

A net is spoken of by its literal: ``net + 1``, negative for the complement; one net more, the
last, is the constant 0. Gates that are the same function of the same nets need no solver. Else a
question is first about the gates between the two and nets that stand for others, which may be
anything: what is equal then is equal, and a deep circuit is seldom looked into. A solver is thrown
away when it has become large: what stays small answers fast.
"""

from __future__ import annotations

from array import array
from collections import defaultdict, deque

from ..facts import Facts
from ..netlist import Netlist
from ..surgery import arity, tidy
from ..tables import MAX_FANIN
from .cnf import narrow, narrow_clauses
from .patterns import Example, Patterns
from .solver import Solver
from .spreading import CONSTANT, spread

LARGE = 1000
"""Variables after which a solver is thrown away."""

WINDOWS = (0, 1, 3)
"""How far a question looks beyond nets that are known on both sides, before it looks at all."""


class Cones:
    """Questions about the nets of a circuit.

    Attributes:
        literal: for each net the one that stands for it; `merge` changes it.
        example: after `same` said no, a vector on which the two differ.
        alike: how often no question was needed; questions: so far.
        proof: clauses, each by unit propagation from those of the whole circuit, of the facts and
            ``-(nets + 1)``, and from those before it; in it is all that was merged. None if not
            asked for.
    """

    def __init__(
        self, net: Netlist, facts: Facts, patterns: Patterns, *, proof: bool = False
    ) -> None:
        net = tidy(net)
        self.inputs, self.nets, self.k = net.inputs, net.nets, net.k
        self.literal = array("i", range(1, net.nets + 2))
        self.alike = 0
        self.questions = 0
        self.example: Example | None = None
        self.proof: list[list[int]] | None = [] if proof else None
        self._table = net.table.data
        self._fanin = net.fanin.ravel().data
        self._arity = arity(net).data
        self._stands = bytearray(net.nets + 1)  # for another net
        self._part = patterns.part
        self._clauses: defaultdict[int, list[list[int]]] = defaultdict(list)
        self._bits: defaultdict[int, list[int]] = defaultdict(list)
        if not facts.trivial:
            for clause in facts.clauses():
                self._clauses[int(self._part[abs(clause[0]) - 1])].append(clause)
            for bit, part in enumerate(self._part.tolist()):
                self._bits[part].append(bit)
        self._spent = 0
        self._open()

    @property
    def conflicts(self) -> int:
        """Of the solver, so far."""
        return self._spent + self._solver.conflicts

    def same(self, one: int, other: int, conflicts: int) -> bool | None:
        """Whether two literals are equal on every vector that can occur; None is undecided.

        Args:
            conflicts: after how many to give up; 0 for never.
        """
        self.example = None
        if self.proof is None and self._alike(one, other):
            self.alike += 1
            return True
        if len(self._name) > LARGE or self.proof is not None:
            self._close()
            self._open()
        for depth in WINDOWS:
            whole = self._load(abs(one) - 1, abs(other) - 1, depth)
            answer = self._equal(one, other, conflicts)
            if answer:
                return True
            if whole:
                break
        else:
            self._load(abs(one) - 1, abs(other) - 1, self.nets)
            answer = self._equal(one, other, conflicts)
        if answer is False:
            self.example = self._example(one, other)
        return answer

    def _equal(self, one: int, other: int, conflicts: int) -> bool | None:
        """Whether they are, as far as gates are loaded."""
        a, b = self._inside(one), self._inside(other)
        for assumptions in ((a, -b), (-a, b)):
            self.questions += 1
            answer = self._solver.solve(assumptions, conflicts)
            if answer is not False:
                return None if answer is None else False
        return True

    def merge(self, net: int, literal: int) -> None:
        """Let a literal stand for a net that was found to be the same."""
        own = net + 1
        self.literal[net] = literal
        self._stands[abs(literal) - 1] = 1
        if net in self._variable:
            a, b = self._inside(own), self._inside(literal)
            self._solver.add([a, -b])
            self._solver.add([-a, b])
        if self.proof is not None:
            self._note()
            self.proof += [[own, -literal], [-own, literal]]

    def _open(self) -> None:
        self._solver = Solver(proof=self.proof is not None)
        self._variable: dict[int, int] = {self.nets: 1}
        self._name = [0, self.nets + 1]  # what a variable of the solver is called outside
        self._gates: set[int] = set()  # whose clauses are there
        self._loaded: list[int] = []  # inputs
        self._solver.add([-1])

    def _close(self) -> None:
        self._spent += self._solver.conflicts
        self._solver.close()

    def _note(self) -> None:
        """Add to the proof what the solver derived for its one question."""
        assert self.proof is not None
        name = self._name
        for lemma in self._solver.lemmas():
            self.proof.append([name[x] if x > 0 else -name[-x] for x in lemma])

    def _inside(self, literal: int) -> int:
        net = abs(literal) - 1
        if net not in self._variable:
            if net < self.inputs:
                self._load_input(net)
            else:
                self._allot(net)
        return self._variable[net] if literal > 0 else -self._variable[net]

    def _allot(self, net: int) -> int:
        variable = self._variable[net] = len(self._name)
        self._name.append(net + 1)
        return variable

    def _load(self, one: int, other: int, depth: int) -> bool:
        """Clauses of the gates on which two nets depend; whether those are all.

        Args:
            depth: of nets that stand for others so many are looked into on a path.
        """
        known, whole = self._gates, True
        best = {one: 0, other: 0}
        waiting = deque((one, other))
        while waiting:
            net = waiting.popleft()
            reads = self._reads(net)
            if net not in known and self.inputs <= net < self.nets:
                known.add(net)
                inside = [self._inside(x) for x in (*reads, net + 1)]
                # place x of the list is literal x of the gate, for negative x too
                place = [0, *inside, *(-x for x in reversed(inside))]
                table = self._table[net - self.inputs]
                for clause in narrow_clauses(table, self.k, len(reads)):
                    self._solver.add([place[x] for x in clause])
            for read in reads:
                below = abs(read) - 1
                if below < self.inputs or below == self.nets:
                    continue
                far = best[net] + self._stands[below]
                if far > depth:
                    whole = False
                elif far < best.get(below, depth + 1):
                    best[below] = far
                    if self._stands[below]:
                        waiting.append(below)
                    else:
                        waiting.appendleft(below)
        return whole

    def _alike(self, one: int, other: int) -> bool:
        """Whether two literals are the same function of what their own gates read."""
        place: dict[int, int] = {self.nets + 1: CONSTANT}
        gates = [one] if abs(other) in (abs(x) for x in self._reads(abs(one) - 1)) else [one, other]
        for gate in gates:
            for x in self._reads(abs(gate) - 1):
                place.setdefault(abs(x), len(place) - 1)
        width = len(place) - 1
        if width > MAX_FANIN:
            return False
        tables = [self._over(x, place, width) for x in (one, other)]
        return tables[0] == tables[1]

    def _over(self, literal: int, place: dict[int, int], width: int) -> int:
        """The table of a literal over nets that have a place in it."""
        variable = abs(literal)
        if variable in place:
            table = spread(1, 1, (place[variable],), (False,), width)
        else:
            reads = self._reads(variable - 1)
            places = tuple(place[abs(x)] for x in reads)
            flips = tuple(x < 0 for x in reads)
            table = self._table[variable - 1 - self.inputs]
            table = spread(narrow(table, self.k, len(reads)), len(reads), places, flips, width)
        return table if literal > 0 else table ^ ((1 << (1 << width)) - 1)

    def _load_input(self, net: int) -> None:
        """With all inputs that hang together with it, and what is known about them."""
        part = int(self._part[net])
        for bit in self._bits.get(part, [net]):
            self._allot(bit)
            self._loaded.append(bit)
        for clause in self._clauses.get(part, []):
            self._solver.add(
                [self._variable[x - 1] if x > 0 else -self._variable[-x - 1] for x in clause]
            )

    def _reads(self, net: int) -> list[int]:
        """Literals that a gate depends on; those of inputs and constants are themselves."""
        gate = net - self.inputs
        if not 0 <= gate < self.nets - self.inputs:
            return [net + 1]
        start = gate * self.k
        return [self.literal[self._fanin[start + i]] for i in range(self._arity[gate])]

    def _example(self, one: int, other: int) -> Example:
        model = self._solver.model()
        model += [-1] * (len(self._name) - len(model))
        inputs = list(self._loaded)
        values = [model[self._variable[net] - 1] > 0 for net in inputs]
        seen: set[int] = set()
        waiting = [abs(one) - 1, abs(other) - 1]
        while waiting:
            net = waiting.pop()
            if net not in seen and net < self.nets:
                seen.add(net)
                if net >= self.inputs:
                    waiting += [abs(x) - 1 for x in self._reads(net)]
        return Example(inputs, values, sorted(net for net in seen if net < self.inputs))
