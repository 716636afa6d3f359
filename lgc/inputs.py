"""What a model is fed: rows of numbers in any common dtype, or bits that are packed already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InputError


@dataclass(frozen=True, eq=False)
class PackedBits:
    """Rows of the bits a circuit reads (after binarisation), eight a byte.

    Attributes:
        data: uint8 ``(n, ceil(width / 8))``, laid out as by ``numpy.packbits(bits, axis=1)``:
            the first bit is the most significant one of the first byte.
        width: bits in a row.
    """

    data: NDArray[np.uint8]
    width: int

    def __post_init__(self) -> None:
        if self.data.dtype != np.uint8 or self.data.ndim != 2:
            raise InputError(
                f"packed bits are uint8 rows, not {self.data.dtype} {self.data.shape}",
                hint="numpy.packbits(bits, axis=1) makes them",
            )
        if self.data.shape[1] != -(-self.width // 8):
            raise InputError(
                f"{self.width} bits take {-(-self.width // 8)} bytes a row, "
                f"these rows have {self.data.shape[1]}"
            )

    def __len__(self) -> int:
        return len(self.data)

    def unpack(self) -> NDArray[np.bool_]:
        """The bits, bool ``(n, width)``."""
        return np.unpackbits(self.data, axis=1, count=self.width).astype(np.bool_)


def packed(bits: Any, width: int | None = None) -> PackedBits:
    """Mark rows as packed bits, or pack bool rows.

    Args:
        bits: bool ``(n, width)``, which is packed here, or uint8 ``(n, ceil(width / 8))``, which
            is packed already and needs ``width``.
        width: bits in a row.
    """
    array = np.asarray(bits)
    if array.dtype == np.bool_ and array.ndim == 2:
        if width not in (None, array.shape[1]):
            raise InputError(f"the rows have {array.shape[1]} bits, not {width}")
        return PackedBits(np.packbits(array, axis=1), array.shape[1])
    if width is None:
        raise InputError("how many bits a packed row holds is missing", hint="packed(x, width)")
    return PackedBits(array, width)


def rows(x: Any, features: int) -> NDArray[Any]:
    """A batch as an array ``(n, features)``, without a copy where the input allows it.

    Accepts NumPy arrays and anything that converts to one (torch tensors included), of shape
    ``(n, …)`` with ``features`` numbers a sample.

    Raises:
        InputError: not numbers, or another number of features.
    """
    array = numbers(x)
    if array.ndim < 2:
        raise InputError(
            f"a batch has the shape (n, {features}), not {array.shape}",
            hint="a single sample is a batch of one: x[None]",
        )
    if array.ndim > 2:
        array = array.reshape(len(array), int(np.prod(array.shape[1:])))
    if array.shape[1] != features:
        raise InputError(f"a sample has {array.shape[1]} numbers, the model reads {features}")
    return array


def numbers(x: Any) -> NDArray[Any]:
    """Anything that converts to an array of numbers, of any shape.

    Raises:
        InputError: it is none.
    """
    array = _array(x)
    if array.dtype.kind not in "buif":
        raise InputError(f"a batch holds numbers, not {array.dtype}")
    return array


def _array(x: Any) -> NDArray[Any]:
    """Tensors in formats that NumPy lacks, such as bfloat16, become float32, which holds them."""
    try:
        if not hasattr(x, "detach"):
            return np.asarray(x)
        x = x.detach().cpu()
        try:
            return np.asarray(x)
        except TypeError:
            return np.asarray(x.float())
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"a batch is no array: {str(error).splitlines()[0]}") from None
