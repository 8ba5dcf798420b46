"""Text columns built by Arrow, a whole column at a time."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def join(*parts: "str | np.ndarray | pa.Array", between: str = "") -> pa.Array:
    """The parts of each row put together: words as they are, integer arrays as decimal numbers, text columns by row."""
    return pc.binary_join_element_wise(*(_text(part) for part in parts), between)


def numbers(values: np.ndarray, width: int) -> pa.Array:
    """Integers with leading zeros."""
    return pc.utf8_lpad(pa.array(values).cast(pa.string()), width, padding="0")


def _text(part: "str | np.ndarray | pa.Array") -> pa.Array | pa.Scalar:
    if isinstance(part, str):
        return pa.scalar(part)
    if isinstance(part, np.ndarray):
        return pa.array(part).cast(pa.string())
    return part


def iso(moments: np.ndarray) -> pa.Array:
    """int64 microseconds since 1970 in UTC as ISO 8601 to the second, such as 2026-03-14T14:30:00+00:00."""
    seconds = np.datetime_as_string(moments.astype("datetime64[us]"), unit="s")
    return pc.binary_join_element_wise(pa.array(seconds, pa.string()), "+00:00", "")
