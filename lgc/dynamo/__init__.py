"""torch.compile(model, backend="lgc"): the gate networks of a graph run as compiled kernels.

torch hands a backend the graph of operations that it traced; each operation remembers the modules
in whose forward it stood. The outermost module that a frontend reads is a network: the operations
of its call make room for its kernel, all others stay as they are. What a network's operations give
on random rows is compared with the kernel's answer before anything is replaced. Where there is
none, or something stands against it, the graph runs as torch would run it, and a warning says why.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import LgcError, LgcWarning, UnsupportedError
from ..extras import extra
from .options import Options, options_of


def torch_backend(
    graph: Any, inputs: list[Any], *, options: Mapping[str, Any] | None = None, **others: Any
) -> Callable[..., Any]:
    """What ``torch.compile(model, backend="lgc")`` calls; ``backend=lgc.torch_backend`` does too.

    Args:
        graph: traced by torch, a ``torch.fx.GraphModule``; it is changed.
        inputs: of the graph, of which parameters are part.
        options: ``torch.compile(…, options={…})``; see `Options`.

    Raises:
        UsageError: an option is unknown.
        UnsupportedError: torch is too old, or, with ``strict``, there is no network.
    """
    chosen = options_of(options, others)
    torch = extra("torch", "torch")
    if tuple(map(int, torch.__version__.split(".")[:2])) < (2, 5):
        raise UnsupportedError(
            f"the backend lgc needs torch 2.5, not {torch.__version__}",
            hint="lgc.compile(model).as_module() works with every torch",
        )
    from .replacing import replace_networks

    try:
        replace_networks(graph, inputs, chosen)
    except LgcError as error:
        if chosen.strict:
            raise
        warnings.warn(f"the graph runs without a kernel: {error}", LgcWarning, stacklevel=2)
    return graph


__all__ = ["Options", "torch_backend"]
