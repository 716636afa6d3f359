"""Tsetlin machines: states of green_tsetlin and tmu, and live machines of both.

A clause is the conjunction of the literals it includes: features first, then their complements. One
that includes nothing is 0, as both libraries have it when they predict. A class is the weighted sum
of clauses, of its own ones or of all, with weights of both signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from lgc.binarisation import features_of, parse_binarisation
from lgc.chain import Sums, build_module
from lgc.checkpoint import is_checkpoint, read_checkpoint
from lgc.checkpoint.zips import member_names
from lgc.description import agree, describe, refuse
from lgc.errors import InputError, UnsupportedError
from lgc.guards import is_array
from lgc.interchange import read_file
from lgc.literals import Gates, Ints, weigh
from lgc.reading import Frontend, Inspection, LoadOptions, Missing

GREEN, GREEN_SPARSE, TMU = {"w", "c"}, {"w", "c_indptr", "c_indices"}, {"ta_state", "weights"}
"""Names of the arrays in each kind of file."""

UNUSED = ("wiring", "tau", "parametrisation", "quantise")


@dataclass(frozen=True, eq=False)
class Machine:
    """Clauses and their votes.

    Attributes:
        include: bool ``(clauses, 2 · bits)``.
        clause, group, vote: int64 ``(votes,)``: a clause counts so much in a class.
    """

    kind: str
    include: NDArray[np.bool_]
    classes: int
    clause: Ints
    group: Ints
    vote: Ints

    @property
    def bits(self) -> int:
        return self.include.shape[1] // 2


class Tsetlin(Frontend):
    """A file is known by the names of its arrays."""

    name = "tsetlin"

    def recognises(self, path: Path) -> bool:
        if not is_checkpoint(path):
            return False
        names = _names(path)
        return any(names >= kind for kind in (GREEN, GREEN_SPARSE, TMU))

    def read(self, path: Path, options: LoadOptions) -> ModuleOp:
        machine, digest = _read(path)
        options, _ = describe(path, options, self.name)
        facts = {"source": path.name, "sha256": digest, "frontend": self.name}
        return build(machine, options, path.name, facts)

    def inspect(self, path: Path, options: LoadOptions) -> Inspection:
        machine, _ = _read(path)
        clauses, filled = len(machine.include), int(machine.include.any(axis=1).sum())
        holds = (
            ("clauses", f"{clauses:,}, {clauses - filled:,} of them empty"),
            ("literals in a clause", f"{machine.include.sum() / max(1, filled):.1f}"),
            ("bits", f"{machine.bits:,}"),
            ("classes", f"{machine.classes}"),
            ("votes", f"{len(machine.vote):,}, {machine.vote.min()} to {machine.vote.max()}"),
        )
        why = "how numbers became the bits it was trained on; without it, a bit is x > 0"
        return Inspection(machine.kind, holds, (Missing("input", why),))

    def recognises_object(self, model: object) -> bool:
        return type(model).__module__.partition(".")[0] in _LIVE

    def read_object(self, model: object, options: LoadOptions) -> ModuleOp:
        where = type(model).__name__
        machine = _LIVE[type(model).__module__.partition(".")[0]](model, where)
        return build(machine, options, where, {"source": where, "frontend": self.name})


def _names(path: Path) -> set[str]:
    names = member_names(read_file(path)) or ()
    return {name.removesuffix(".npy") for name in names}


def _read(path: Path) -> tuple[Machine, str]:
    names, where = _names(path), path.name
    if names >= GREEN_SPARSE:
        raise UnsupportedError(
            "a sparse state of green_tsetlin holds pickled Python objects, which lgc never loads",
            where=where,
            hint="give lgc.compile the machine itself, or tm.get_predictor()",
        )
    checkpoint = read_checkpoint(path)
    read = _green if names >= GREEN else _tmu
    return read(checkpoint.data, where), checkpoint.sha256


def _whole(data: Any, name: str, dimensions: tuple[int, ...], where: str) -> NDArray[Any]:
    found = data.get(name)
    if not is_array(found) or found.dtype.kind not in "iu" or found.ndim not in dimensions:
        raise InputError(f"no array {name} of whole numbers, or of another shape", where=where)
    return found


def _green(data: Any, where: str) -> Machine:
    weight, state = (_whole(data, name, (2,), where) for name in ("w", "c"))
    return _machine("green_tsetlin state", state >= 0, weight, where)


def _tmu(data: Any, where: str) -> Machine:
    """``ta_state (banks, clauses, chunks, bits)``: the last bit of a state is its action."""
    state, weight = _whole(data, "ta_state", (4,), where), _whole(data, "weights", (2,), where)
    literals = int(_whole(data, "literals", (0,), where))
    if state.dtype != np.uint32 or 0 in state.shape or not 0 < literals <= 32 * state.shape[2]:
        raise InputError(
            f"states {state.dtype} {state.shape} do not hold {literals} literals",
            where=where,
            hint="they are uint32 (banks, clauses, chunks, state bits), 32 literals in a chunk",
        )
    return _banks("tmu state", [_actions(bank, literals) for bank in state], weight, where)


def _actions(state: NDArray[np.uint32], literals: int) -> NDArray[np.bool_]:
    """Which literals are included, bool ``(clauses, literals)``, of one bank."""
    bits = state[:, :, -1, None] >> np.arange(32, dtype=np.uint32) & 1
    return bits.reshape(len(state), -1)[:, :literals] > 0


def _banks(kind: str, include: list[NDArray[np.bool_]], votes: NDArray[Any], where: str) -> Machine:
    """One bank of clauses for all classes, or one for each; ``votes (classes, clauses)``."""
    classes = len(votes)
    if len(include) not in (1, classes) or any(len(one) != votes.shape[1] for one in include):
        raise InputError(
            f"{len(include)} banks of {len(include[0])} clauses do not fit weights {votes.shape}",
            where=where,
        )
    if len(include) == 1:
        return _machine(kind, include[0], votes.T, where)
    every, group = np.concatenate(include), np.repeat(np.arange(classes), votes.shape[1])
    return Machine(
        kind, every, classes, np.arange(len(every)), group, votes.ravel().astype(np.int64)
    )


def _machine(kind: str, include: NDArray[np.bool_], weight: NDArray[Any], where: str) -> Machine:
    clauses, literals = include.shape
    if len(weight) != clauses or literals % 2 or 0 in (*include.shape, *weight.shape):
        raise InputError(
            f"weights {weight.shape} and clauses {include.shape} do not fit together",
            where=where,
            hint="a row for each clause; a column for each class, and for each literal",
        )
    clause, group = np.nonzero(weight)
    if not len(clause):
        raise InputError("all weights are 0", where=where, hint="was it trained?")
    vote = weight[clause, group].astype(np.int64)
    return Machine(kind, include, weight.shape[1], clause, group, vote)


def _live_green(model: Any, where: str) -> Machine:
    """A machine, a predictor or a rule set: all have rules, lists of literals, with weights."""
    rules = model.get_predictor() if hasattr(model, "get_predictor") else model
    rules = getattr(rules, "_ruleset", rules)
    if not hasattr(rules, "rules") or rules.rules is None:
        raise InputError("it holds no rules", where=where, hint="train it first")
    if rules.is_multi_label:
        raise UnsupportedError("a machine with several labels a sample", where=where)
    include = np.zeros((len(rules.rules), 2 * int(rules.n_literals)), np.bool_)
    for row, literals in zip(include, rules.rules):
        row[literals] = True
    return _machine("green_tsetlin rules", include, np.array(rules.weights, np.int64), where)


def _live_tmu(model: Any, where: str) -> Machine:
    if not hasattr(model, "weight_banks") or not hasattr(model, "number_of_classes"):
        raise UnsupportedError(
            f"a {where} is not read",
            where="tmu",
            hint="fitted TMClassifier and TMCoalescedClassifier are",
        )
    classes = range(int(model.number_of_classes))
    banks = (
        [model.clause_banks[number] for number in classes]
        if hasattr(model, "clause_banks")
        else [model.clause_bank]
    )
    if banks[0].number_of_patches != 1:
        raise UnsupportedError("a convolutional machine", where=where)
    votes = np.stack([model.weight_banks[number].get_weights() for number in classes])
    return _banks("tmu machine", [_live_bank(bank) for bank in banks], votes, where)


def _live_bank(bank: Any) -> NDArray[np.bool_]:
    clauses, literals = int(bank.number_of_clauses), int(bank.number_of_literals)
    if hasattr(bank, "clause_bank"):
        return _actions(bank.clause_bank.reshape(clauses, bank.number_of_ta_chunks, -1), literals)
    include = np.zeros((clauses, literals), np.bool_)
    for clause in range(clauses):
        own = bank.clause_bank_included[clause, : bank.clause_bank_included_length[clause], 0]
        count = bank.clause_bank_included_absorbed_length[clause]
        include[clause, own] = True
        include[clause, bank.clause_bank_included_absorbed[clause, :count]] = True
    return include


_LIVE = {"green_tsetlin": _live_green, "tmu": _live_tmu}


def build(
    machine: Machine, options: LoadOptions, where: str, provenance: dict[str, str]
) -> ModuleOp:
    """The module of a machine.

    Raises:
        LgcError: options contradict it, or votes are too large.
    """
    refuse(options, UNUSED, "a Tsetlin machine", where)
    binarisation = parse_binarisation(options.input or "bool")
    features = features_of(binarisation, machine.bits, where)
    classes = machine.classes
    agree(options, {"inputs": features, "classes": classes}, where)
    if np.bincount(machine.group, np.abs(machine.vote)).max() > np.iinfo(np.int32).max:
        raise InputError("votes do not fit into 32 bits", where=where)
    counts = machine.include[machine.clause].any(axis=1) & (machine.vote != 0)
    clause, group, vote = (row[counts] for row in (machine.clause, machine.group, machine.vote))
    voters, place = np.unique(clause, return_inverse=True)
    product, literal = np.nonzero(machine.include[voters])
    gates = Gates(machine.bits)
    complement = literal >= machine.bits
    made = gates.conjunctions(2 * (literal - machine.bits * complement) + complement, product)
    sums = weigh(made[place], group, vote, np.zeros(classes, np.int64))
    feature, level = binarisation.thresholds(features)
    return build_module(
        features,
        [gates.netlist(sums.net)],
        Sums(classes, 1.0, sums.group, sums.weight, sums.offset),
        feature=feature,
        level=level,
        one_hot=binarisation.one_hot(features),
        provenance={**provenance, "kind": machine.kind, "input": binarisation.text},
    )
