"""What rooms do about facts that are added by columns; apart from `columns`, which loads Arrow."""

from collections.abc import Callable
from typing import Any

AFTER_INSERT: list[Callable[[Any, Any], None]] = []
"""Each is called with the model and a pyarrow.Table of the rows, in the transaction that adds them."""
