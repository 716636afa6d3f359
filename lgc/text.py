"""Modules as text: parse with a message that names the place, print with nothing else."""

from __future__ import annotations

import re
from io import StringIO

from xdsl.context import Context
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.func import Func
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import ParseError, VerifyException

from .dialect import Logic
from .errors import InputError

# What xDSL's lexer and parser let out on damaged text, instead of a ParseError of their own.
_PARSER_SLIPS = (
    ValueError, AssertionError, KeyError, IndexError, TypeError, AttributeError, OverflowError,
    NotImplementedError, MemoryError,
)  # fmt: skip


def context() -> Context:
    """A context that knows the dialects a model may use."""
    known = Context()
    for dialect in (Builtin, Func, Arith, Logic):
        known.load_dialect(dialect)
    return known


def parse_module(text: str, name: str = "<text>") -> ModuleOp:
    """Parse and verify a module.

    Raises:
        InputError: the text is not a module of known operations, or breaks one of their rules.
    """
    _check_strings(text, name)
    try:
        module = Parser(context(), text, name).parse_module()
        module.verify()
    except ParseError as error:
        line, column = _place(text, error.span.start)
        raise InputError(
            error.msg.strip(),
            where=f"{name}, line {line}, column {column}",
            hint="the text form is described in docs/ir.md",
        ) from None
    except VerifyException as error:
        raise InputError(f"this IR breaks a rule: {reason(error)}", where=name) from None
    except RecursionError:
        raise InputError("the text is nested too deeply", where=name) from None
    except _PARSER_SLIPS as error:
        raise InputError(
            f"the text cannot be parsed: {error}",
            where=name,
            hint="the text form is described in docs/ir.md",
        ) from None
    return module


# A comment, or a string literal with its closing quote if it has one.
_STRINGS = re.compile(r'//[^\n]*+|"(?:[^"\\\n]++|\\.)*+("?)')


def _check_strings(text: str, name: str) -> None:
    """Refuse a string that is not closed: xDSL's lexer backtracks over one for ever."""
    for match in _STRINGS.finditer(text):
        if match[1] == "":
            line, column = _place(text, match.start())
            raise InputError(
                "a string is not closed", where=f"{name}, line {line}, column {column}"
            )


def reason(error: VerifyException) -> str:
    """The rule that was broken, in one line: xDSL prints the whole operation around it."""
    text = str(error)
    return text.rsplit("Operation does not verify: ", 1)[-1].strip().splitlines()[0]


def _place(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def print_module(module: ModuleOp) -> str:
    """The text of a module, ending in a line end."""
    stream = StringIO()
    Printer(stream).print_op(module)
    return stream.getvalue() + "\n"
