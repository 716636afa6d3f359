"""What rows hold: the encoding in a kernel file, and rows that compiled code can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lgc.encoding import Encoding


def encoding_of(blobs: Mapping[str, bytes]) -> Encoding:
    """What the bits that a kernel reads say about the numbers."""
    feature = np.frombuffer(blobs["feature"], "<i4")
    if "place" in blobs:
        return Encoding(feature, None, np.frombuffer(blobs["place"], "<i4"))
    return Encoding(feature, np.frombuffer(blobs["level"], "<f4"))


def encoded_as(encoding: Encoding) -> dict[str, bytes]:
    """The same as blobs."""
    own = {"feature": np.ascontiguousarray(encoding.feature, "<i4").tobytes()}
    if encoding.place is not None:
        return {**own, "place": np.ascontiguousarray(encoding.place, "<i4").tobytes()}
    return {**own, "level": np.ascontiguousarray(encoding.level, "<f4").tobytes()}


def readable(batch: NDArray[Any]) -> NDArray[Any]:
    """Rows whose elements stand together and aligned; rows themselves may have any stride."""
    if batch.strides[1] == batch.itemsize and batch.flags.aligned:
        return batch
    return np.ascontiguousarray(batch)
