"""Arrays of numbers in one file for the browser, small once compressed: page/packed.js reads it."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack(values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Values as JSON, then the arrays, each of one dimension (f8, f4, i4, u2 or u1).

    First the lowest byte of every number, then the next: bytes of one kind compress better.
    """
    little = {name: array.astype(array.dtype.newbyteorder("<")) for name, array in arrays.items()}
    listed = [[name, array.dtype.str, len(array)] for name, array in little.items()]
    header = json.dumps({"values": dict(values), "arrays": listed}, ensure_ascii=False).encode()
    bodies = [array.view(np.uint8).reshape(len(array), -1).T.tobytes() for array in little.values()]
    return b"".join([len(header).to_bytes(4, "little"), header, *bodies])


def shorten(numbers: NDArray[Any], bits: int) -> NDArray[Any]:
    """Each number with so many significant binary digits, rounded: what is left out compresses."""
    fraction, exponent = np.frexp(np.asarray(numbers, dtype=float))
    short = np.ldexp(np.round(fraction * 2.0**bits), exponent - bits)
    return short.astype(np.float32 if bits <= np.finfo(np.float32).nmant else np.float64)
