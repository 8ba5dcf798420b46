"""The video of a consent module and its captions, from the program's folder."""

import mimetypes
import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from commonweal.protocol.consent_checks import captions
from commonweal.ui.context import current_protocol
from commonweal.vault.people.access import participant_only

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


def _video(module_id: str, language: str) -> Path:
    protocol = current_protocol()
    module = protocol.consents.get(module_id)
    name = module.video.get(language) if module else None
    path = protocol.folder / "consents" / module_id / (name or "")
    if name is None or not path.is_file():
        raise Http404
    return path


@participant_only
@require_safe
def video(request: HttpRequest, module: str, language: str) -> HttpResponseBase:
    """The file, or the part of it that the browser asks for: some play nothing from a server that cannot give parts."""
    path = _video(module, language)
    size = path.stat().st_size
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    if wanted is None or int(wanted[1]) >= size:
        answer: HttpResponseBase = FileResponse(path.open("rb"), content_type=kind)
    else:
        answer = _part(path, int(wanted[1]), min(int(wanted[2] or size - 1), size - 1), size, kind)
    answer["Accept-Ranges"] = "bytes"
    return answer


MOST = 2_000_000  # bytes of one part; the browser asks for the next


def _part(path: Path, first: int, last: int, size: int, kind: str) -> HttpResponse:
    last = min(max(last, first), first + MOST - 1)
    with path.open("rb") as file:
        file.seek(first)
        answer = HttpResponse(file.read(last - first + 1), status=206, content_type=kind)
    answer["Content-Range"] = f"bytes {first}-{last}/{size}"
    return answer


@participant_only
@require_safe
def text_track(request: HttpRequest, module: str, language: str) -> HttpResponseBase:
    """The captions."""
    return FileResponse(captions(_video(module, language)).open("rb"), content_type="text/vtt; charset=utf-8")
