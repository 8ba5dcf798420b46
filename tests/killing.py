"""Work that is killed in another process, by the signal that nobody can catch."""

import os
import signal


def in_another_process(act):
    """Run `act` in a child that dies where `act` says so; answers whether it was killed."""
    from django.db import connection

    connection.close()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def dying(real, after):
    """`real`, which kills its own process at the call number `after`."""
    calls = []

    def act(*args, **how):
        calls.append(1)
        if len(calls) > after:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **how)

    return act
