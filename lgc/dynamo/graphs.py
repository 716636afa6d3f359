"""Which operations of a traced graph are one call of a module, and what they read and give.

torch notes for every operation the modules in whose ``forward`` it stood, the outermost first,
under ``nn_module_stack``: a key is the ``id`` of the module, and for its second call ``id@1``. The
module that the traced frame itself belongs to is not among them.
"""

from __future__ import annotations

import gc
import operator
import re
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import fx

_WRITING = {operator.setitem, *(getattr(operator, f"i{name}") for name in ("add", "sub", "mul"))}
"""Functions that write to their first argument; methods that do end in an underscore."""


@dataclass(frozen=True, eq=False)
class Region:
    """One call of a module.

    Attributes:
        path: how the traced frame names the module.
        nodes: its operations, in order.
    """

    module: torch.nn.Module
    path: str
    nodes: list[fx.Node]

    @property
    def name(self) -> str:
        return type(self.module).__name__

    def reads(self) -> list[fx.Node]:
        """What its operations read of other nodes, in order, each once."""
        own = set(self.nodes)
        found = (source for node in self.nodes for source in node.all_input_nodes)
        return [node for node in dict.fromkeys(found) if node not in own]

    def gives(self) -> list[fx.Node]:
        """Its nodes that others read."""
        own = set(self.nodes)
        return [node for node in self.nodes if any(user not in own for user in node.users)]


def regions(graph: fx.Graph) -> list[Region]:
    """The calls of modules in a graph, a module before those inside it."""
    nodes = [node for node in graph.nodes if node.op not in ("placeholder", "output")]
    calls: dict[tuple[int, str, str], list[fx.Node]] = {}
    for node in nodes:
        stack: dict[str, tuple[str, type[Any]]] = node.meta.get("nn_module_stack") or {}
        for depth, (key, (path, _)) in enumerate(stack.items()):
            calls.setdefault((depth, str(key), path), []).append(node)
    modules = _modules()
    own = frame_module()
    found = [] if own is None else [Region(own[1], f"L['{own[0]}']", nodes)]
    for (_, key, path), inside in sorted(calls.items(), key=lambda call: call[0][0]):
        module = modules.get(key.partition("@")[0])
        if module is not None:
            found.append(Region(module, path, inside))
    return found


def _modules() -> dict[str, torch.nn.Module]:
    """All modules that there are, by ``id``."""
    # isinstance would ask proxies what they stand for
    return {str(id(one)): one for one in gc.get_objects() if issubclass(type(one), torch.nn.Module)}


def frame_module() -> tuple[str, torch.nn.Module] | None:
    """The module whose ``forward`` torch traces right now as the outermost frame, and its name."""
    from torch._dynamo.symbolic_convert import InstructionTranslator

    try:
        frame: Any = InstructionTranslator.current_tx()
        code, values = frame.f_code, dict[str, Any](frame.f_locals)
    except AttributeError:  # nothing is traced
        return None
    for name, value in values.items():
        forward: Any = getattr(value.__class__, "forward", None)
        if (
            issubclass(value.__class__, torch.nn.Module)
            and getattr(forward, "__code__", None) is code
        ):
            return name, cast(torch.nn.Module, value)
    return None


def dependent(region: Region, data: fx.Node) -> set[fx.Node]:
    """The nodes of a region that depend on a node, and those that are written from such ones."""
    found = {data}
    for node in region.nodes:
        if not found.isdisjoint(node.all_input_nodes):
            found.add(node)
            first = node.args[0] if node.args else None
            if _writes(node) and isinstance(first, fx.Node):
                found.add(first)
    return found & set(region.nodes)


def _writes(node: fx.Node) -> bool:
    if node.op == "call_method":
        return str(node.target).endswith("_")
    return node.target in _WRITING


def attribute(region: Region, node: fx.Node) -> tuple[str, str] | None:
    """Which attribute of which submodule of a region's module a number is, if it is one."""
    while node.op != "placeholder" and len(node.all_input_nodes) == 1:
        node = node.all_input_nodes[0]
    name = re.sub(r"\._modules\[(['\"])([^'\"]+)\1\]", r".\2", _source(node))
    if not name.startswith(f"{region.path}."):
        return None
    module, _, own = name.removeprefix(f"{region.path}.").rpartition(".")
    return (module, own) if own.isidentifier() else None


def is_global(node: fx.Node) -> bool:
    """Whether an input of the graph is a value of a Python module."""
    return node.op == "placeholder" and "G[" in _source(node)


def _source(node: fx.Node) -> str:
    """How the traced frame names an input; empty if it does not."""
    source: Any = getattr(node.meta.get("grapharg"), "source", None)
    name: Any = getattr(source, "name", "")
    return str(name() if callable(name) else name)  # a method before torch 2.10


def extracted(owner: fx.GraphModule, region: Region, reads: list[fx.Node], out: fx.Node) -> Any:
    """The operations of a region as a module: a function of ``reads`` that gives ``out``."""
    graph = fx.Graph()
    copies = {node: graph.placeholder(f"read{place}") for place, node in enumerate(reads)}
    for node in region.nodes:
        copies[node] = graph.node_copy(node, copies.__getitem__)
    graph.output(copies[out])
    return fx.GraphModule(owner, graph)


def put(
    owner: fx.GraphModule,
    region: Region,
    reads: list[fx.Node],
    out: fx.Node,
    data: fx.Node,
    call: torch.nn.Module,
) -> None:
    """Let a module called with ``reads`` give what ``out`` gave; what led to it goes."""
    name = f"lgc_{out.name}"
    owner.add_submodule(name, call)
    with owner.graph.inserting_before(out):
        made = owner.graph.call_module(name, tuple(reads))
    made.meta.update(out.meta)
    gone = dependent(region, data)
    out.replace_all_uses_with(made)
    for node in reversed(region.nodes):  # what is computed of weights alone may be read elsewhere
        if node in gone or not (node.users or _writes(node)):
            owner.graph.erase_node(node)
