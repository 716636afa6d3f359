"""A model as a chain of operations: numbers → bits → … → bits → scores → class.

A recurrent model is the chain of one step: bits of a state enter behind those of the sample, and
leave behind those that are results.

Every part that looks at a whole model (backends, the reference, reports) reads it through
`read_chain`; every frontend writes it through `build_module`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from .dialect import (
    ArgmaxOp,
    BitsType,
    CircuitOp,
    GroupSumOp,
    IndexOp,
    MapOp,
    OpenOp,
    PlacesOp,
    ReadStateOp,
    ThresholdOp,
    WriteStateOp,
)
from .dialect.attributes import INPUT_TYPES, array
from .dialect.changing import facts_about
from .dialect.operations import width
from .encoding import Encoding
from .errors import InputError, UnsupportedError
from .facts import Facts, nothing
from .netlist import Netlist

Stage = CircuitOp | MapOp | OpenOp


@dataclass(frozen=True)
class Chain:
    """The parts of a model in the order in which data passes them.

    Attributes:
        features: numbers in one sample.
        dtype: what the model was declared to read: ``bool``, ``uint8`` or ``float32``.
        encoding: what each bit of the first stage says about the numbers. Bits of a state stand
            behind the others, as if they were further numbers of 0 or 1: bit j is about number
            ``features + j``.
        one_hot: number of each feature's one-hot group, int32 ``(features,)``, -1 for none.
        thresholds: false where the model takes bits as they are.
        group_sum, argmax: how bits become scores, and whether scores become a class.
        index: the bits of the last stage are the class, as a binary number.
        initial: bool ``(state,)``, the state before the first step; empty where there is none.
    """

    features: int
    dtype: str
    encoding: Encoding
    one_hot: NDArray[np.int32]
    thresholds: bool
    stages: tuple[Stage, ...]
    group_sum: GroupSumOp | None
    argmax: bool
    index: bool
    initial: NDArray[np.bool_]

    @property
    def state(self) -> int:
        """Bits of the state."""
        return len(self.initial)

    @property
    def columns(self) -> int:
        """Numbers in a sample, and behind them bits of the state."""
        return self.features + self.state

    @property
    def feature(self) -> NDArray[np.int32]:
        """Which number each bit of the first stage is about."""
        return self.encoding.feature

    @property
    def level(self) -> NDArray[np.float32]:
        """What the numbers are compared with; see `Encoding.level`."""
        return self.encoding.level

    @property
    def bits(self) -> int:
        """Bits that enter the first stage."""
        return len(self.feature)

    @property
    def own_bits(self) -> int:
        """Those that come from the sample."""
        return self.bits - self.state

    @property
    def own_encoding(self) -> Encoding:
        """What the bits say that come from the sample."""
        return self.encoding.first(self.own_bits)

    @cached_property
    def facts(self) -> Facts:
        """What is known about the bits that enter the first stage."""
        return facts_about(self.stages[0].bits) if self.stages else nothing(self.bits)

    @property
    def gates(self) -> int:
        """Gates of all stages; those of a map count once."""
        return sum(
            len(stage.body.block.ops) - 1 if isinstance(stage, OpenOp) else stage.net.data.gates
            for stage in self.stages
        )

    @property
    def work(self) -> int:
        """The same, those of a map once for each place."""
        return self.gates + sum(
            (len(stage.rows) - 1) * stage.net.data.gates
            for stage in self.stages
            if isinstance(stage, MapOp)
        )

    @property
    def gives_class(self) -> bool:
        """Whether the class is all it gives."""
        return self.argmax or self.index

    @property
    def leaving(self) -> int:
        """Bits that leave the last stage."""
        return width(self.stages[-1].result) if self.stages else self.bits

    @property
    def outputs(self) -> int:
        """Those that are results: what leaves and is not the next state."""
        return self.leaving - self.state


def entry(module: ModuleOp) -> FuncOp:
    """The function that is the model: the one called ``main``, or the only one."""
    functions = [op for op in module.ops if isinstance(op, FuncOp) and not op.is_declaration]
    for function in functions:
        if function.sym_name.data == "main" or len(functions) == 1:
            return function
    raise InputError(
        f"the module has {len(functions)} functions and none is called main",
        hint="a model is one func.func @main",
    )


def read_chain(module: ModuleOp, *, recurrent: bool = False) -> Chain:
    """Read a model.

    Args:
        recurrent: whether the caller knows what a state is.

    Raises:
        UnsupportedError: the operations do not form one chain from the argument to the result, or
            it has a state.
    """
    chain = _read(module)
    if chain.state and not recurrent:
        raise UnsupportedError(
            f"the model is recurrent, with a state of {chain.state} bits, and this takes models "
            "without one",
            hint="docs/recurrent.md says what runs step by step",
        )
    return chain


def _read(module: ModuleOp) -> Chain:
    function = entry(module)
    if len(function.body.blocks) != 1 or len(function.body.block.args) != 1:
        raise UnsupportedError("a model is one block with one argument", where="func.func @main")
    value: SSAValue = function.body.block.args[0]
    ops = list(function.body.block.ops)
    features, dtype = width(value), _dtype(value.type)
    encoding = Encoding(np.arange(features, dtype=np.int32), np.zeros(features, np.float32))
    one_hot = np.full(features, -1, np.int32)
    thresholds = bool(ops) and isinstance(ops[0], ThresholdOp | PlacesOp)
    if ops and isinstance(ops[0], PlacesOp):
        encoding = Encoding(array(ops[0].feature), None, array(ops[0].place))
        value = _follow(ops.pop(0), value)
    elif ops and isinstance(ops[0], ThresholdOp):
        encoding = Encoding(array(ops[0].feature), ops[0].level.array())
        one_hot = one_hot if ops[0].one_hot is None else array(ops[0].one_hot)
        value = _follow(ops.pop(0), value)
    initial = np.zeros(0, np.bool_)
    if ops and isinstance(ops[0], ReadStateOp):
        initial = ops[0].state
        if ops[0].bits is None and not thresholds and not features:
            value = ops.pop(0).results[0]
        else:
            value = _follow(ops.pop(0), value)
        encoding = encoding.widened(features, len(initial))
    stages: list[Stage] = []
    while ops and isinstance(ops[0], Stage):
        stages.append(ops[0])
        value = _follow(ops.pop(0), value)
    written = 0
    if ops and isinstance(ops[0], WriteStateOp):
        written = ops[0].state
        value = _follow(ops.pop(0), value)
    if written != len(initial):
        raise UnsupportedError(
            f"a state of {len(initial)} bits is read and one of {written} written",
            where="func.func @main",
        )
    group_sum, argmax = None, False
    if ops and isinstance(ops[0], GroupSumOp):
        group_sum = ops[0]
        value = _follow(ops.pop(0), value)
        if ops and isinstance(ops[0], ArgmaxOp):
            argmax = True
            value = _follow(ops.pop(0), value)
    index = bool(ops) and isinstance(ops[0], IndexOp) and group_sum is None
    if index:
        value = _follow(ops.pop(0), value)
    if len(ops) != 1 or not isinstance(ops[0], ReturnOp) or list(ops[0].operands) != [value]:
        raise UnsupportedError(
            f"{ops[0].name if ops else 'the end'} stands where the chain "
            "threshold or places, read_state, circuits, write_state, group_sum, argmax or index "
            "should go on",
            where="func.func @main",
        )
    if isinstance(value.type, TensorType) and not group_sum and not index:
        raise UnsupportedError("the model returns its own input", where="func.func @main")
    return Chain(
        features,
        dtype,
        encoding,
        one_hot,
        thresholds,
        tuple(stages),
        group_sum,
        argmax,
        index,
        initial,
    )


def _follow(op: Operation, value: SSAValue) -> SSAValue:
    if list(op.operands) != [value]:
        raise UnsupportedError(
            f"{op.name} does not read the operation before it", where="func.func @main"
        )
    return op.results[0]


def _dtype(kind: Attribute) -> str:
    if isinstance(kind, BitsType):
        return "bool"
    if isinstance(kind, TensorType):
        for name, element in INPUT_TYPES.items():
            if kind.get_element_type() == element:
                return name
    raise UnsupportedError(
        f"a model reads !logic.bits or a tensor of i1, ui8 or f32, not {kind}",
        where="func.func @main",
    )


@dataclass(frozen=True)
class Sums:
    """How the last bits become scores; the arguments of `GroupSumOp`."""

    classes: int
    tau: float = 1.0
    group: ArrayLike | None = None
    weight: ArrayLike | None = None
    offset: ArrayLike | None = None
    beta: float = 0.0


@dataclass(frozen=True, eq=False)
class Mapped:
    """A netlist at many places; the arguments of `MapOp`.

    Attributes:
        index: int32 ``(places, inputs)``, bits that each application reads, -1 for a zero.
        keep: int32 ``(kept,)``, bits that are passed on in front of the results.
    """

    net: Netlist
    index: NDArray[np.int32]
    keep: NDArray[np.int32]


def build_module(
    features: int,
    netlists: Sequence[Netlist | Mapped],
    sums: Sums | None,
    *,
    dtype: str = "float32",
    feature: ArrayLike | None = None,
    level: ArrayLike | None = None,
    place: ArrayLike | None = None,
    one_hot: ArrayLike | None = None,
    index: bool = False,
    initial: ArrayLike | None = None,
    provenance: Mapping[str, str] | None = None,
) -> ModuleOp:
    """The module of a model.

    Args:
        features: numbers in one sample.
        netlists: one per layer, or a netlist at many places, each reading what the one before
            gives.
        sums: class sums at the end; None leaves the bits of the last layer.
        dtype: ``bool``, ``uint8`` or ``float32``.
        feature, level: bit i is ``x[feature[i]] > level[i]``; by default ``x[i] > 0``.
        place: instead of ``level``, bit i is this bit of the whole number ``x[feature[i]]``.
        one_hot: number of each feature's one-hot group, -1 for none; by default no groups.
        index: without sums, the bits of the last layer are the class, as a binary number.
        initial: of a recurrent model the state before the first step, a bit each. The first
            netlist reads the state behind the bits of the sample, and the last gives the next one
            behind the results.
        provenance: facts about where the model comes from, kept in the text.
    """
    kind = TensorType(INPUT_TYPES[dtype], [features])
    block = Block(arg_types=[kind])
    feature = np.arange(features) if feature is None else feature
    op: Operation | None = None
    if place is not None:
        assert level is None
        assert one_hot is None
        op = PlacesOp(block.args[0], feature, place)
    elif features or initial is None:
        level = np.zeros(features) if level is None else level
        op = ThresholdOp(block.args[0], feature, level, one_hot)
    if op is not None:
        block.add_op(op)
    if initial is not None:
        op = ReadStateOp(None if op is None else op.results[0], initial)
        block.add_op(op)
    assert op is not None
    for net in netlists:
        bits = op.results[0]
        op = (
            MapOp(bits, net.net, net.index, net.keep)
            if isinstance(net, Mapped)
            else CircuitOp(bits, net)
        )
        block.add_op(op)
    if initial is not None:
        block.add_op(op := WriteStateOp(op.results[0], len(np.asarray(initial))))
    if sums is not None:
        op = GroupSumOp(
            op.results[0],
            sums.classes,
            tau=sums.tau,
            beta=sums.beta,
            group=sums.group,
            weight=sums.weight,
            offset=sums.offset,
        )
        block.add_op(op)
    elif index:
        block.add_op(op := IndexOp(op.results[0]))
    block.add_op(ReturnOp(op.results[0]))
    function = FuncOp("main", ([kind], [op.results[0].type]), Region(block))
    module = ModuleOp([function])
    for name, value in (provenance or {}).items():
        annotate(module, name, value)
    module.verify()
    return module


def annotate(module: ModuleOp, name: str, value: str) -> None:
    """Keep a fact about the model's origin in the module: ``attributes {lgc.name = "value"}``."""
    module.attributes[f"lgc.{name}"] = StringAttr(value)


def provenance(module: ModuleOp) -> dict[str, str]:
    """The facts kept by `annotate`."""
    return {
        name.removeprefix("lgc."): value.data
        for name, value in module.attributes.items()
        if name.startswith("lgc.") and isinstance(value, StringAttr)
    }
