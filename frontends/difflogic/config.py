"""What training scripts say of a model beside its weights: ``model_config`` and its like.

Names differ; where two of them contradict one another, neither is believed and the flag is asked
for. Widths count the bits of the first layer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lgc.binarisation import parse_binarisation
from lgc.exchange.circuit import MOST_INPUTS
from lgc.guards import is_dict
from lgc.reading import LoadOptions

from .layers import LIGHT

_CONFIGS = ("model_config", "hyper_parameters", "hparams", "config", "args")
_CLASSES = ("classes", "num_classes", "n_classes", "class_count", "k")
_BITS = ("in_dim", "input_dim", "input_size", "in_features")
_PARAMETRISATIONS = ("parametrisation", "parametrization")
_LARGEST = 1e30
"""A greater tau could not be meant."""


@dataclass(frozen=True)
class Config:
    """What a file says of itself; None where it does not.

    Attributes:
        name: key under which it says so.
        bits: that enter the first layer.
    """

    name: str = ""
    bits: int | None = None
    classes: int | None = None
    tau: float | None = None
    parametrisation: str | None = None

    def complete(self, options: LoadOptions) -> LoadOptions:
        """Options with what is known, where they were not given."""
        inputs = self.bits
        if inputs is not None and options.input is not None:
            inputs = parse_binarisation(options.input).features(inputs)
        own = {
            "inputs": inputs, "classes": self.classes, "tau": self.tau,
            "parametrisation": self.parametrisation,
        }  # fmt: skip
        missing = {name: value for name, value in own.items() if getattr(options, name) is None}
        return dataclasses.replace(options, **missing)

    @property
    def told(self) -> str:
        """What it says, for a person; empty for nothing."""
        own = dataclasses.asdict(self)
        del own["name"]
        return ", ".join(f"{name} {value}" for name, value in own.items() if value is not None)


def config_of(data: Any) -> Config:
    """What stands beside the weights of a checkpoint."""
    name = next((key for key in _CONFIGS if is_dict(data) and is_dict(data.get(key))), None)
    if name is None:
        return Config()
    said: Mapping[Any, Any] = data[name]
    tau = _agreed(said, ("tau",), _is_divisor)
    return Config(
        name,
        _agreed(said, _BITS, _is_count),
        _agreed(said, _CLASSES, _is_count),
        None if tau is None else float(tau),
        _agreed(said, _PARAMETRISATIONS, lambda value: isinstance(value, str) and value in LIGHT),
    )


def _agreed(said: Mapping[Any, Any], names: tuple[str, ...], good: Callable[[Any], bool]) -> Any:
    """The value that all of the names that are there have."""
    values = {said[name] for name in names if name in said and good(said[name])}
    return values.pop() if len(values) == 1 else None


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_INPUTS


def _is_divisor(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value < _LARGEST
