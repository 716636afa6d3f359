"""A pickle machine that can build tensors and containers, and nothing else.

Pickle is a program for a stack machine. Python's own machine lets that program import and call
anything; this one knows the opcodes that plain data needs, and where the program calls a name,
the name must be one of a fixed table whose entries only put data together.
"""

from __future__ import annotations

import pickletools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from ..guards import is_dict, is_list

Call = Callable[..., Any]
SAVE_WEIGHTS = "save the weights alone: torch.save(model.state_dict(), path)"
STEPS = 20_000_000
"""Opcodes after which a program is refused."""


@dataclass(frozen=True)
class Name:
    """A global the program mentions; a plain label until a table gives it a meaning."""

    text: str


class Shell(ABC):
    """A value that a later BUILD completes."""

    @abstractmethod
    def build(self, state: Any) -> Any:
        """The finished value."""


class _Mark:
    pass


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_LITERALS = {
    "INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT",
    "STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE",
    "BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8",
}  # fmt: skip
_SKIPPED = {"PROTO", "FRAME"}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
_CREATIONS = {"NEWOBJ", "NEWOBJ_EX", "OBJ", "INST"}


class Machine:
    """Runs one program.

    Args:
        calls: names the program may call, with what they build.
        persistent: gives the value of a persistent id (torch: a storage).
    """

    def __init__(
        self, calls: Mapping[str, Call], persistent: Callable[[Any], Any], where: str
    ) -> None:
        self.calls, self.persistent, self.where = calls, persistent, where
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self, program: bytes) -> Any:
        """The value the program leaves.

        Raises:
            InputError: it calls anything not in the table, or is no valid program.
        """
        try:
            for step, (opcode, argument, _) in enumerate(pickletools.genops(program)):
                if step > STEPS:
                    raise InputError("the pickle is too long", where=self.where)
                if opcode.name == "STOP":
                    return self.stack.pop()
                self._step(opcode.name, argument)
        except InputError:
            raise
        except (
            ValueError, IndexError, KeyError, TypeError, AttributeError, EOFError, OverflowError,
            MemoryError, RecursionError, UnicodeError, StopIteration,
        ):  # fmt: skip
            pass
        raise InputError(
            "the pickle is damaged or cut short", where=self.where, hint="copy the file again"
        )

    def _step(self, name: str, argument: Any) -> None:
        stack = self.stack
        if name in _LITERALS:
            stack.append(argument)
        elif name in _CONSTANTS:
            stack.append(_CONSTANTS[name])
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            self.memo[int(argument)] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(self.memo[int(argument)])
        elif name == "MARK":
            stack.append(_Mark)
        elif name in _TUPLES:
            self._tuple(_TUPLES[name])
        elif name in _CONTAINERS:
            _CONTAINERS[name](self)
        elif name == "GLOBAL":
            stack.append(Name(argument.replace(" ", ".")))
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            stack.append(Name(f"{module}.{attribute}"))
        elif name == "REDUCE":
            arguments, called = stack.pop(), stack.pop()
            stack.append(self._call(called, arguments))
        elif name == "BUILD":
            self._build(stack.pop())
        elif name == "BINPERSID":
            stack.append(self.persistent(stack.pop()))
        elif name in _CREATIONS:
            self._refuse_object(name, argument)
        elif name not in _SKIPPED:
            raise InputError(
                f"the pickle uses {name}, which plain weights never need",
                where=self.where,
                hint=SAVE_WEIGHTS,
            )

    def _tuple(self, size: int) -> None:
        items = tuple(self.stack[-size:])
        if len(items) < size or any(item is _Mark for item in items):
            raise IndexError
        self.stack[-size:] = [items]

    def since_mark(self) -> list[Any]:
        """Pop everything above the last mark, and the mark."""
        stack = self.stack
        place = len(stack) - 1
        while stack[place] is not _Mark:
            place -= 1
            if place < 0:
                raise IndexError
        items = stack[place + 1 :]
        del stack[place:]
        return items

    def _call(self, called: Any, arguments: Any) -> Any:
        if not isinstance(called, Name) or not isinstance(arguments, tuple):
            raise TypeError
        if called.text not in self.calls:
            raise InputError(
                f"the pickle calls {called.text[:80]}, which lgc never executes",
                where=self.where,
                hint=SAVE_WEIGHTS,
            )
        return self.calls[called.text](*arguments)

    def _build(self, state: Any) -> None:
        target = self.stack[-1]
        if isinstance(target, Shell):
            done = target.build(state)
            self.stack[-1] = done
            for key, value in self.memo.items():
                if value is target:
                    self.memo[key] = done
        elif type(target) is not dict:
            raise TypeError
        # The state of an OrderedDict is metadata of torch.nn.Module: nothing a model needs.

    def _refuse_object(self, opcode: str, argument: Any) -> None:
        name = str(argument).replace(" ", ".") if opcode == "INST" else None
        if opcode in ("NEWOBJ", "NEWOBJ_EX"):
            named = self.stack[-2 if opcode == "NEWOBJ" else -3]
            name = named.text if isinstance(named, Name) else None
        elif opcode == "OBJ":
            first = self.since_mark()[0]
            name = first.text if isinstance(first, Name) else None
        raise InputError(
            f"the file holds an object of class {(name or 'unknown')[:80]}, not only weights",
            where=self.where,
            hint=SAVE_WEIGHTS,
        )


def _set_items(machine: Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if not is_dict(target) or len(items) % 2:
        raise TypeError
    target.update(zip(items[::2], items[1::2]))


def _extend(machine: Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if not is_list(target):
        raise TypeError
    target.extend(items)


def _dict(machine: Machine) -> None:
    items = machine.since_mark()
    machine.stack.append({})
    _set_items(machine, items)


_CONTAINERS: Mapping[str, Callable[[Machine], object]] = {
    "EMPTY_DICT": lambda machine: machine.stack.append({}),
    "EMPTY_LIST": lambda machine: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine: machine.stack.append(()),
    "EMPTY_SET": lambda machine: machine.stack.append([]),
    "TUPLE": lambda machine: machine.stack.append(tuple(machine.since_mark())),
    "LIST": lambda machine: machine.stack.append(machine.since_mark()),
    "DICT": _dict,
    "SETITEM": lambda machine: _set_items(machine, [machine.stack.pop(-2), machine.stack.pop()]),
    "SETITEMS": lambda machine: _set_items(machine, machine.since_mark()),
    "APPEND": lambda machine: _extend(machine, [machine.stack.pop()]),
    "APPENDS": lambda machine: _extend(machine, machine.since_mark()),
    "ADDITEMS": lambda machine: _extend(machine, machine.since_mark()),
    "POP": lambda machine: machine.stack.pop(),
    "POP_MARK": lambda machine: machine.since_mark(),
}
