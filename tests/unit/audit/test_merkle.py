import hashlib

import pytest

from commonweal.audit import merkle


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def rfc(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: split at the largest power of two below the number of leaves."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha(b"\x01" + rfc(leaves[:split]) + rfc(leaves[split:]))


def test_a_leaf_is_hashed_with_a_prefix_of_its_own():
    assert (
        merkle.leaf(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )  # RFC 9162 test vector
    assert merkle.leaf(b"x") == sha(b"\x00x") != sha(b"x")


@pytest.mark.parametrize("count", [*range(18), 31, 32, 33, 1000])
def test_the_root_is_that_of_the_rfc(count):
    leaves = [merkle.leaf(str(number).encode()) for number in range(count)]
    assert merkle.root(leaves) == rfc(leaves)


def test_order_and_every_leaf_matter():
    leaves = [merkle.leaf(bytes([number])) for number in range(7)]
    whole = merkle.root(leaves)
    assert merkle.root(leaves[::-1]) != whole
    for place in range(7):
        assert merkle.root(leaves[:place] + leaves[place + 1 :]) != whole
    assert merkle.root([*leaves, leaves[-1]]) != whole  # a last leaf said twice is another tree
