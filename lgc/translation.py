"""Python functions over whole numbers and integer arrays as LLVM text, for `lgc.loops`.

What such a function may hold: parameters annotated ``int``, ``bool`` or ``Row``; variables that
are whole numbers; ``for`` over a range or a row, ``while``, ``if``, ``break``, ``continue``,
``return``; assignments to variables and to elements of rows; arithmetic, bit operations,
comparisons, ``and``, ``or``, ``not`` and ``… if … else …``; ``len``, ``min``, ``max`` and ``abs``;
whole numbers of its module; calls of its helpers. Everything is 64 bits wide and wraps; an index
is not negative, a shift is less than 64, a divisor is not 0. What would be evaluated twice (the
target of ``+=``, the middle of ``a < b < c``) calls no helper. Each variable is a place on the
stack: LLVM's optimiser puts it in a register.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.BitAnd: "and", ast.BitOr: "or",
    ast.BitXor: "xor", ast.LShift: "shl", ast.RShift: "ashr",
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "slt", ast.LtE: "sle", ast.Gt: "sgt", ast.GtE: "sge",
}  # fmt: skip

_FLOOR = """\
define internal i64 @floor.div(i64 %a, i64 %b) alwaysinline {
  %q = sdiv i64 %a, %b
  %r = srem i64 %a, %b
  %x = xor i64 %r, %b
  %unlike = icmp slt i64 %x, 0
  %rest = icmp ne i64 %r, 0
  %off = and i1 %unlike, %rest
  %one = zext i1 %off to i64
  %floor = sub i64 %q, %one
  ret i64 %floor
}
define internal i64 @floor.mod(i64 %a, i64 %b) alwaysinline {
  %q = call i64 @floor.div(i64 %a, i64 %b)
  %p = mul i64 %q, %b
  %m = sub i64 %a, %p
  ret i64 %m
}
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare i64 @llvm.abs.i64(i64, i1)
"""


def llvm_text(function: Callable[..., Any], helpers: Sequence[Callable[..., Any]]) -> str:
    """A module that exports ``function``; a row becomes two parameters, its address and length.

    Raises:
        OSError: the source is not there.
        AssertionError: the function holds something else; the message shows it.
    """
    trees = {helper.__name__: _tree(helper) for helper in helpers}
    parts = [
        _Function(_tree(one), one.__globals__, trees, exported=one is function).text()
        for one in (*helpers, function)
    ]
    return _FLOOR + "".join(parts)


def rows_of(function: Callable[..., Any]) -> list[bool]:
    """Which parameters are rows."""
    return [p.annotation == "Row" for p in inspect.signature(function).parameters.values()]


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    return tree


def _is_row(parameter: ast.arg) -> bool:
    return isinstance(parameter.annotation, ast.Name) and parameter.annotation.id == "Row"


def _gives(tree: ast.FunctionDef) -> str:
    nothing = isinstance(tree.returns, ast.Constant) and tree.returns.value is None
    return "void" if nothing else "i64"


class _Function:
    """Writes one function; a value is LLVM's name for it, or a number."""

    def __init__(
        self,
        tree: ast.FunctionDef,
        constants: dict[str, Any],
        helpers: dict[str, ast.FunctionDef],
        exported: bool,
    ) -> None:
        self.tree, self.constants, self.helpers = tree, constants, helpers
        self.exported = exported
        self.rows = {p.arg for p in tree.args.args if _is_row(p)}
        self.places: dict[str, None] = {}  # variables, in the order of their first assignment
        self.lines: list[str] = []
        self.names = 0
        self.exits: list[tuple[str, str]] = []  # of the loops around: where continue and break go

    def text(self) -> str:
        parameters: list[str] = []
        for p in self.tree.args.args:
            if p.arg in self.rows:
                parameters += [f"ptr %{p.arg}", f"i64 %{p.arg}.len"]
            else:
                parameters.append(f"i64 %{p.arg}")
                self.store(p.arg, f"%{p.arg}")
        for statement in self.tree.body:
            self.statement(statement)
        gives = _gives(self.tree)
        self.lines.append("ret void" if gives == "void" else "ret i64 0")
        kind = "" if self.exported else "internal "
        head = f"define {kind}{gives} @{self.tree.name}({', '.join(parameters)}) {{\nentry:\n"
        room = "".join(f"  %{name}.at = alloca i64\n" for name in self.places)
        return head + room + "".join(f"  {line}\n" for line in self.lines) + "}\n"

    # Pieces of text

    def name(self) -> str:
        self.names += 1
        return f"t.{self.names}"

    def value(self, instruction: str) -> str:
        name = f"%{self.name()}"
        self.lines.append(f"{name} = {instruction}")
        return name

    def store(self, variable: str, value: str) -> None:
        self.places[variable] = None
        self.lines.append(f"store i64 {value}, ptr %{variable}.at")

    def load(self, variable: str) -> str:
        return self.value(f"load i64, ptr %{variable}.at")

    def label(self, name: str) -> None:
        """Begin a block; the one before runs on into it."""
        self.lines += [f"br label %{name}", f"{name}:"]

    def jump(self, to: str) -> None:
        """Leave for a block; what follows, if anything does, is never reached."""
        self.lines += [f"br label %{to}", f"{self.name()}:"]

    def branch(self, truth: str, yes: str, no: str, begin: str) -> None:
        self.lines += [f"br i1 {truth}, label %{yes}, label %{no}", f"{begin}:"]

    def refuse(self, node: ast.AST) -> AssertionError:
        return AssertionError(f"{self.tree.name}: loops know no `{ast.unparse(node)}`")

    def calls(self, node: ast.expr) -> bool:
        """Whether an expression calls a helper, which may change what it is given."""
        names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return not names.isdisjoint(self.helpers)

    # Statements

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(ast.Call() as call):
                self.number(call)
            case ast.Assign(targets=[target], value=value):
                self.assign(target, value)
            case ast.AugAssign(target=target, op=op, value=value) if not self.calls(target):
                self.put(target, self.arithmetic(node, op, self.number(target), self.number(value)))
            case ast.If(test=test, body=body, orelse=other):
                yes, no, end = self.name(), self.name(), self.name()
                self.branch(self.truth(test), yes, no, yes)
                self.block(body)
                self.lines += [f"br label %{end}", f"{no}:"]
                self.block(other)
                self.label(end)
            case ast.While(test=test, body=body, orelse=[]):
                start, run, end = self.name(), self.name(), self.name()
                self.label(start)
                self.branch(self.truth(test), run, end, run)
                self.body(body, start, end)
                self.lines += [f"br label %{start}", f"{end}:"]
            case ast.For(target=ast.Name(id=variable), iter=over, body=body, orelse=[]):
                self.repeat(variable, over, body)
            case ast.Break():
                self.jump(self.exits[-1][1])
            case ast.Continue():
                self.jump(self.exits[-1][0])
            case ast.Return(value=value):
                given = "void" if value is None else f"i64 {self.number(value)}"
                self.lines += [f"ret {given}", f"{self.name()}:"]
            case _:
                raise self.refuse(node)

    def block(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def body(self, statements: list[ast.stmt], again: str, end: str) -> None:
        self.exits.append((again, end))
        self.block(statements)
        self.exits.pop()

    def repeat(self, variable: str, over: ast.expr, body: list[ast.stmt]) -> None:
        """The counter is not the variable, which the body may change."""
        row = over.id if isinstance(over, ast.Name) and over.id in self.rows else None
        step = 1
        match over:
            case ast.Name() if row is not None:
                first, last = "0", f"%{row}.len"
            case ast.Call(func=ast.Name(id="range"), args=[stop]):
                first, last = "0", self.number(stop)
            case ast.Call(func=ast.Name(id="range"), args=[start, stop, *steps]):
                first, last = self.number(start), self.number(stop)
                if steps:
                    step = ast.literal_eval(steps[0])
            case _:
                raise self.refuse(over)
        counter = f"{variable}.{self.name()}"
        head, run, again, end = self.name(), self.name(), self.name(), self.name()
        self.store(counter, first)
        self.label(head)
        now = self.load(counter)
        test = self.value(f"icmp {'slt' if step > 0 else 'sgt'} i64 {now}, {last}")
        self.branch(test, run, end, run)
        self.store(variable, self.element(row, now) if row is not None else now)
        self.body(body, again, end)
        self.label(again)
        self.store(counter, self.value(f"add i64 {self.load(counter)}, {step}"))
        self.lines += [f"br label %{head}", f"{end}:"]

    def assign(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
                for one, made in zip(targets, [self.number(each) for each in values]):
                    self.put(one, made)
            case _:
                self.put(target, self.number(value))

    def put(self, target: ast.expr, value: str) -> None:
        match target:
            case ast.Name(id=name) if name not in self.rows:
                self.store(name, value)
            case ast.Subscript(value=ast.Name(id=row), slice=index) if row in self.rows:
                at = self.value(f"getelementptr i64, ptr %{row}, i64 {self.number(index)}")
                self.lines.append(f"store i64 {value}, ptr {at}")
            case _:
                raise self.refuse(target)

    # Expressions

    def element(self, row: str, index: str) -> str:
        at = self.value(f"getelementptr i64, ptr %{row}, i64 {index}")
        return self.value(f"load i64, ptr {at}")

    def number(self, node: ast.expr) -> str:
        """The value of an expression, 64 bits."""
        match node:
            case ast.Constant(value=int(value)):
                return str(int(value))
            case ast.Name(id=name) if name in self.places:
                return self.load(name)
            case ast.Name(id=name) if isinstance(self.constants.get(name), int):
                return str(self.constants[name])
            case ast.Subscript(value=ast.Name(id=row), slice=index) if row in self.rows:
                return self.element(row, self.number(index))
            case ast.BinOp(left=left, op=op, right=right):
                return self.arithmetic(node, op, self.number(left), self.number(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.value(f"sub i64 0, {self.number(operand)}")
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return self.value(f"xor i64 {self.number(operand)}, -1")
            case ast.Compare() | ast.UnaryOp(op=ast.Not()):
                return self.value(f"zext i1 {self.truth(node)} to i64")
            case ast.BoolOp(op=op, values=values):
                return self.chain(isinstance(op, ast.And), values)
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.choice(self.truth(test), body, other)
            case ast.Call(func=ast.Name(id=called), args=args, keywords=[]):
                return self.call(node, called, args)
            case _:
                raise self.refuse(node)

    def truth(self, node: ast.expr) -> str:
        """Whether an expression is true, one bit."""
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                one, other = self.number(left), self.number(right)
                return self.value(f"icmp {_COMPARE[type(op)]} i64 {one}, {other}")
            case ast.Compare(left=left, ops=[op, *ops], comparators=[middle, *others]) if others:
                if self.calls(middle):
                    raise self.refuse(node)
                pair = [ast.Compare(left, [op], [middle]), ast.Compare(middle, ops, others)]
                return self.truth(ast.BoolOp(ast.And(), list[ast.expr](pair)))
            case ast.Compare():
                raise self.refuse(node)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.value(f"xor i1 {self.truth(operand)}, true")
            case _:
                return self.value(f"icmp ne i64 {self.number(node)}, 0")

    def chain(self, both: bool, values: list[ast.expr]) -> str:
        """``and``, ``or``: the first value that decides, else the last."""
        place, end = f"chain.{self.name()}", self.name()
        for number, each in enumerate(values):
            self.store(place, self.number(each))
            if number < len(values) - 1:
                on = self.name()
                true = self.value(f"icmp ne i64 {self.load(place)}, 0")
                self.branch(true, on if both else end, end if both else on, on)
        self.label(end)
        return self.load(place)

    def choice(self, truth: str, body: ast.expr, other: ast.expr) -> str:
        place, yes, no, end = f"choice.{self.name()}", self.name(), self.name(), self.name()
        self.branch(truth, yes, no, yes)
        self.store(place, self.number(body))
        self.lines += [f"br label %{end}", f"{no}:"]
        self.store(place, self.number(other))
        self.label(end)
        return self.load(place)

    def arithmetic(self, node: ast.AST, op: ast.operator, one: str, other: str) -> str:
        if isinstance(op, ast.FloorDiv | ast.Mod):
            which = "div" if isinstance(op, ast.FloorDiv) else "mod"
            return self.value(f"call i64 @floor.{which}(i64 {one}, i64 {other})")
        if type(op) not in _BINARY:
            raise self.refuse(node)
        return self.value(f"{_BINARY[type(op)]} i64 {one}, {other}")

    def call(self, node: ast.expr, called: str, args: list[ast.expr]) -> str:
        if called in self.helpers:
            return self.helper(self.helpers[called], args)
        match called, args:
            case "len", [ast.Name(id=row)] if row in self.rows:
                return f"%{row}.len"
            case (("min" | "max"), [first, *rest]) if rest:
                best = self.number(first)
                for each in rest:
                    best = self.value(
                        f"call i64 @llvm.s{called}.i64(i64 {best}, i64 {self.number(each)})"
                    )
                return best
            case "abs", [each]:
                return self.value(f"call i64 @llvm.abs.i64(i64 {self.number(each)}, i1 false)")
            case _:
                raise self.refuse(node)

    def helper(self, tree: ast.FunctionDef, args: list[ast.expr]) -> str:
        given: list[str] = []
        for parameter, arg in zip(tree.args.args, args, strict=True):
            if not _is_row(parameter):
                given.append(f"i64 {self.number(arg)}")
            elif isinstance(arg, ast.Name) and arg.id in self.rows:
                given += [f"ptr %{arg.id}", f"i64 %{arg.id}.len"]
            else:
                raise self.refuse(arg)
        call = f"call {_gives(tree)} @{tree.name}({', '.join(given)})"
        if _gives(tree) == "i64":
            return self.value(call)
        self.lines.append(call)
        return "0"
