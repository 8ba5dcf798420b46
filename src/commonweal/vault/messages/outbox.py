"""A folder in the vault that messages are written to where no provider is named: one private file each."""

import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

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
    part = path.with_name(f".{uuid.uuid4()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False)
    try:
        os.link(part, path)  # the first one stays
    except FileExistsError:
        pass
    finally:
        part.unlink()
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
