"""A folder in the vault that messages are written to where no provider is named: one private file each."""

import json
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from commonweal import files

KEEP_SECONDS = 7 * 24 * 3600


def folder() -> Path:
    """The folder, made private to its owner."""
    path = Path(settings.COMMONWEAL_HOME.outbox)
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
    return path


def put(channel: str, to: str, text: str, *, subject: str = "", reference: str = "") -> str:
    """Write one message; the same `reference` a second time is the same file. Answers its name without the ending."""
    name = str(uuid.UUID(reference)) if reference else str(uuid.uuid4())
    path = folder() / f"{name}.json"
    at = timezone.now().isoformat()
    content = {"at": at, "channel": channel, "to": to, "subject": subject, "text": text}
    with suppress(FileExistsError):  # the first one stays
        files.save(path, json.dumps(content, ensure_ascii=False).encode(), files.PRIVATE, over=False)
    return name


def latest(most: int = 20) -> list[dict[str, Any]]:
    """The newest messages first: {at, channel, to, subject, text}."""
    path = Path(settings.COMMONWEAL_HOME.outbox)
    if not path.is_dir():
        return []
    newest = sorted(path.glob("*.json"), key=lambda one: one.stat().st_mtime_ns, reverse=True)[:most]
    return [json.loads(one.read_text(encoding="utf-8")) for one in newest]


def prune() -> int:
    """Remove what is older than a week: codes and addresses should not lie about."""
    path = Path(settings.COMMONWEAL_HOME.outbox)
    old = [one for one in path.glob("*.json") if time.time() - one.stat().st_mtime > KEEP_SECONDS]
    for one in old:
        one.unlink(missing_ok=True)
    return len(old)
