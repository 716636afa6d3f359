"""Descriptions: what the keys of a state dict do not say, layer by layer in the order they run.

Shapes, kernels, ranks and wiring come from the file. The description adds what is in no tensor:
pools, flattens, the padding where it is not clear, the parametrisation, the class sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lgc.errors import InputError, UsageError
from lgc.guards import is_dict, is_list
from lgc.reading import LoadOptions

from .encoding import learnt, levels_of
from .layers import Dense, Encode, Flatten, Layer, Pool, Residual, Total, Trees, Unflatten
from .parts import chosen, dense_of, several, trees_of
from .positions import grid_of, offsets
from .state import Family, Found, State, refuse_foreign

NUMBER = (int, float)
KINDS: Mapping[str, Mapping[str, Any]] = {
    "binarization": {"name": str, "feature_dim": int, "temperature_softplus": NUMBER},
    "dense": {"name": str, "parametrisation": str},
    "conv2d": {"name": str, "parametrisation": str, "padding": int},
    "conv_transpose2d": {
        "name": str, "parametrisation": str, "stride": int, "padding": int,
        "receptive_field": (int, list),
    },
    "or_pool2d": {"size": (int, list), "stride": (int, list), "padding": (int, list)},
    "flatten": {},
    "unflatten": {"dim": int, "sizes": list},
    "residual": {"main": list, "shortcut": list},
    "group_sum": {"classes": int, "tau": NUMBER, "beta": NUMBER},
}  # fmt: skip
"""Keys of each kind of layer, with the types of their values."""

_ALIASES = {f"{stem}3d": f"{stem}2d" for stem in ("conv", "conv_transpose", "or_pool")}
_DEEPEST = 20


@dataclass
class _Described:
    """Layers being made of a description and a file.

    Attributes:
        unused: modules of the file that no layer stands for so far, by name.
    """

    options: LoadOptions
    unused: dict[str, Found]
    where: str

    def layers(self, entries: Sequence[Any], place: str, depth: int = 0) -> list[Layer]:
        if depth > _DEEPEST:
            raise InputError("residual blocks stand too deep inside one another", where=place)
        return [
            self._layer(entry, f"{place}[{number}]", depth) for number, entry in enumerate(entries)
        ]

    def _layer(self, entry: Any, place: str, depth: int) -> Layer:
        kind = entry.get("kind") if is_dict(entry) else None
        plain = _ALIASES.get(kind, kind) if isinstance(kind, str) else ""
        if not is_dict(entry) or plain not in KINDS:
            raise InputError(
                f"there is no kind of layer called {kind!r}"[:80],
                where=place,
                hint=f"there are {', '.join((*KINDS, *_ALIASES))}",
            )
        known = KINDS[plain]
        for key, value in entry.items():
            if key != "kind" and key not in known:
                raise InputError(
                    f"a {kind} has no {key!r}"[:80],
                    where=place,
                    hint=f"it has {', '.join(known)}" if known else "it has nothing to say",
                )
            if key != "kind" and (not isinstance(value, known[key]) or isinstance(value, bool)):
                raise InputError(f"{key} cannot be {value!r}"[:80], where=place)
        axes = 3 if str(kind).endswith("3d") else 2
        if plain == "residual":
            ways = [entry.get("main", []), entry.get("shortcut", [])]
            main, shortcut = (
                self.layers(way, f"{place}.{name}", depth + 1)
                for way, name in zip(ways, ("main", "shortcut"))
            )
            return Residual(main, shortcut)
        return self._plain(plain, axes, entry, place)

    def _plain(self, kind: str, axes: int, entry: Mapping[str, Any], place: str) -> Layer:
        if kind == "flatten":
            return Flatten()
        if kind == "unflatten":
            sizes = several(_needed(entry, "sizes", place), len(entry["sizes"]), place)
            return Unflatten(_needed(entry, "dim", place), sizes)
        if kind == "or_pool2d":
            size, stride = (
                several(_needed(entry, key, place), axes, place) for key in ("size", "stride")
            )
            return Pool(size, stride, several(entry.get("padding", 0), axes, place))
        if kind == "group_sum":
            return total(self.options, entry, self.where)
        if kind == "binarization":
            return self._encode(self._found("binarization", entry, place), entry)
        if kind == "dense":
            return dense(
                self._found("dense", entry, place), self._parametrisation(entry), self.where
            )
        return self._conv(self._found("conv", entry, place), axes, kind, entry, place)

    def _found(self, family: Family, entry: Mapping[str, Any], place: str) -> Found:
        """The module of the file that a layer stands for: that of its name, or the next one."""
        left = [name for name, found in self.unused.items() if found.family == family]
        name = entry.get("name", left[0] if left else None)
        if name not in left:
            what = f"called {name!r}" if name is not None else "left"
            raise InputError(
                f"the file has no {family} layer {what}"[:120],
                where=place,
                hint=f"there are {', '.join(left) or 'none'} that no other layer stands for",
            )
        return self.unused.pop(name)

    def _parametrisation(self, entry: Mapping[str, Any]) -> str | None:
        return entry.get("parametrisation", self.options.parametrisation)

    def _encode(self, found: Found, entry: Mapping[str, Any]) -> Encode:
        where = _place(found, self.where)
        axis: int | None = entry.get("feature_dim")
        if "raw_diffs" not in found.tensors:
            return Encode(levels_of(found.tensors["thresholds"], where), axis)
        if "temperature_softplus" not in entry:
            raise UsageError(
                "learnt thresholds depend on a temperature that is not in the file",
                where=where,
                hint='give the binarization a "temperature_softplus"; torchlogix\'s default is 0.1',
            )
        temperature = float(entry["temperature_softplus"])
        if not 0 <= temperature < np.inf:
            raise InputError(f"temperature_softplus cannot be {temperature}", where=where)
        return Encode(learnt(found.tensors["raw_diffs"], temperature, where), axis)

    def _conv(
        self, found: Found, axes: int, kind: str, entry: Mapping[str, Any], place: str
    ) -> Trees:
        where = _place(found, self.where)
        layer = trees(found, self._parametrisation(entry), where)
        if layer.leaves.shape[-1] != axes + 1:
            raise InputError(
                f"the layer reads a grid of {layer.leaves.shape[-1] - 1} axes, a {entry['kind']} "
                f"one of {axes}",
                where=place,
            )
        padding: int | None = entry.get("padding")
        if padding is not None and padding < 0:
            raise InputError(f"padding cannot be {padding}", where=place)
        if kind == "conv2d":
            return replace(layer, padding=padding)
        window = several(_needed(entry, "receptive_field", place), axes, place)
        stride: int = _needed(entry, "stride", place)
        inner = window[0] - 1 - int(_needed(entry, "padding", place))
        if stride < 1 or inner < 0:
            raise InputError(
                f"a stride of {stride} and a padding of {padding} with a receptive field of "
                f"{window}",
                where=place,
                hint="a transposed convolution is padded by at most its receptive field - 1",
            )
        return replace(layer, padding=inner, dilation=stride, window=window)


def _needed(entry: Mapping[str, Any], key: str, place: str) -> Any:
    if key not in entry:
        raise UsageError(f"a {entry['kind']} needs its {key!r}", where=place)
    return entry[key]


def _place(found: Found, where: str) -> str:
    return f"{where}: layer {found.name}" if found.name else where


def dense(found: Found, parametrisation: str | None, where: str) -> Dense:
    """A dense layer of a file."""
    tensors, place = found.tensors, _place(found, where)
    wiring = chosen(tensors.get("connections.weights"), tensors["connections.indices"], place)
    return dense_of(found.name, tensors["weight"], wiring, parametrisation, None, place)


def trees(found: Found, parametrisation: str | None, where: str) -> Trees:
    """A convolution of a file, its grid from what it reads at each position."""
    weights = found.levels("tree_weights.", where)
    indices = found.levels("connections._indices_L", where)
    layer = trees_of(found.name, weights, indices, parametrisation, where)
    moves = offsets(layer.leaves)
    grid = None if moves is None else grid_of(moves)
    if grid is None:
        raise InputError(
            f"its {layer.leaves.shape[2]} positions form no grid",
            where=where,
            hint="read the live model: lgc.from_torch(model)",
        )
    return replace(layer, grid=grid)


def total(options: LoadOptions, entry: Mapping[str, Any], where: str) -> Total:
    """The class sums: options win over what is described.

    Raises:
        UsageError: classes or tau are missing.
    """
    classes = entry.get("classes") if options.classes is None else options.classes
    tau = entry.get("tau") if options.tau is None else options.tau
    if classes is None:
        raise UsageError(
            "the number of classes is not in the file", where=where, hint="give it with --classes"
        )
    if tau is None:
        raise UsageError(
            "GroupSum's tau is not in the file",
            where=where,
            hint="give it with --tau; --tau 1 gives plain counts",
        )
    return Total(int(classes), float(tau), float(entry.get("beta", 0.0)))


def described(state: State, entries: Any, options: LoadOptions, where: str) -> list[Layer]:
    """The layers of a description.

    Raises:
        LgcError: it does not fit the file.
    """
    assert is_list(entries)
    made = _Described(options, dict(state.named()), where)
    layers = made.layers(entries, "layers")
    if made.unused:
        names = ", ".join(name or "the only one" for name in list(made.unused)[:5])
        raise InputError(
            f"{len(made.unused)} modules of the file are not described: {names}",
            where=where,
            hint="lgc inspect prints a description with all of them",
        )
    return layers


def stack(state: State, beta: float, options: LoadOptions, where: str) -> list[Layer]:
    """The layers of a file without a description: one dense layer after the other.

    Raises:
        UsageError: there are layers that need one.
    """
    families = [found.family for found in state.modules]
    if "conv" in families or "binarization" in families[1:]:
        raise UsageError(
            "convolutions, and what stands between them, need a description",
            where=where,
            hint="lgc inspect prints one to complete; keep it beside the model, with the ending "
            ".json, or give it with --description",
        )
    refuse_foreign(state, where)
    made = _Described(options, dict(state.named()), where)
    entries = [{"kind": family} for family in families]
    entries.insert(families.count("binarization"), {"kind": "flatten"})
    return [*made.layers(entries, "layers"), total(options, {"beta": beta}, where)]
