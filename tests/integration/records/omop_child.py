"""A process of its own that imports a folder of tables, and dies by SIGKILL where it is told to: KILL=NAME:TIMES.

NAME is a function of the import, which ends the process when it is called for the TIMES-th time.
"""

import json
import os
import signal
import sys
from pathlib import Path

PLACES = {
    "block": ("commonweal.vault.records.tables.staging", "Staging._part"),
    "finish": ("commonweal.vault.records.tables.actions", "finish"),
}


def deadly(name: str, times: int) -> None:
    import importlib

    module, path = PLACES[name]
    *owner, function = path.split(".")
    holder = importlib.import_module(module)
    for part in owner:
        holder = getattr(holder, part)
    real, count = getattr(holder, function), 0

    def called(*args, **more):
        nonlocal count
        count += 1
        if count == times:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)

    setattr(holder, function, called)


def main(folder: str) -> None:
    import django

    django.setup()
    from django.conf import settings

    from commonweal.vault.people.models import Participant
    from commonweal.vault.records.tables import unpacking
    from tests.integration.records.conftest import add
    from tests.integration.records.omop_folder import bring

    unpacking.BLOCK = 4096
    if not Participant.objects.exists():
        add()
    if kill := os.environ.get("KILL"):
        name, times = kill.split(":")
        deadly(name, int(times))
    answer = bring(settings.COMMONWEAL_HOME, Path(folder))
    answer["troubles"] = json.loads(Path(answer["report"]).read_text())["submissions"][0]["troubles"]
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
