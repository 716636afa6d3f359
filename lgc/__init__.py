"""lgc: the compiler for trained logic-gate networks."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import hdl, nn
    from .automata import automaton
    from .checking import check
    from .driver import compile, from_sklearn, from_torch, load, load_kernel, optimize
    from .dynamo import torch_backend
    from .equivalence import Result
    from .errors import LgcError
    from .estimator import LogicClassifier
    from .inputs import PackedBits, packed
    from .inspecting import inspect
    from .model import Model
    from .netlist import Netlist
    from .refining import refine
    from .verification import verify

__version__ = "0.1.0"

# In a checkout passes/, frontends/ and backends/ stand beside this folder. The package mapping of
# an editable install fails where the checkout root itself is on sys.path, so they are found here.
_root = Path(__file__).resolve().parent.parent
if (_root / "pyproject.toml").is_file() and (_root / "passes").is_dir():
    __path__.append(str(_root))

_HOME = {
    "automaton": "automata",
    "check": "checking",
    "compile": "driver",
    "from_sklearn": "driver",
    "from_torch": "driver",
    "inspect": "inspecting",
    "load": "driver",
    "load_kernel": "driver",
    "optimize": "driver",
    "LgcError": "errors",
    "LogicClassifier": "estimator",
    "Model": "model",
    "Netlist": "netlist",
    "PackedBits": "inputs",
    "Result": "equivalence",
    "packed": "inputs",
    "refine": "refining",
    "torch_backend": "dynamo",
    "verify": "verification",
}
"""Where each public name lives; it is imported when first used, so that importing lgc is cheap."""

__all__ = [
    "LgcError",
    "LogicClassifier",
    "Model",
    "Netlist",
    "PackedBits",
    "Result",
    "__version__",
    "automaton",
    "check",
    "compile",
    "from_sklearn",
    "from_torch",
    "hdl",
    "inspect",
    "load",
    "load_kernel",
    "nn",
    "optimize",
    "packed",
    "refine",
    "torch_backend",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in ("hdl", "nn"):
        return importlib.import_module(f".{name}", __name__)
    if name not in _HOME:
        raise AttributeError(f"module 'lgc' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
