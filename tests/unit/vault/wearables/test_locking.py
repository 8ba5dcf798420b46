"""Two imports of one person wait for each other, also in two threads of one process; those of others do not."""

import threading

import pytest

from commonweal.vault.wearables.imports.locking import one_at_a_time


@pytest.mark.parametrize(("other", "waits"), [(7, True), (8, False)])
def test_one_person_at_a_time(home, other, waits):
    entered = threading.Event()

    def second():
        with one_at_a_time(home, other):
            entered.set()

    with one_at_a_time(home, 7):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(0.3) is not waits
    assert entered.wait(5)
    thread.join()
