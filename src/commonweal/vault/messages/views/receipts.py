"""Where providers of e-mail and texts tell what became of a message."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from commonweal.errors import BadInput
from commonweal.ui.policies import public
from commonweal.vault.messages import receipts

LONGEST = 1_000_000  # bytes


@csrf_exempt
@public
@require_POST
def take(request: HttpRequest, backend: str) -> HttpResponse:
    """204 for every signed receipt that can be read, whether we know the message or not."""
    if backend not in receipts.BACKENDS:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > LONGEST:
        return JsonResponse({"error": "too long; send receipts in parts"}, status=413)
    if not receipts.is_signed(request.body, request.headers.get("X-Commonweal-Signature", "")):
        return JsonResponse({"error": "the signature does not fit the body"}, status=403)
    try:
        receipts.apply(backend, request.body)
    except BadInput as error:
        return JsonResponse({"error": str(error)}, status=400)
    return HttpResponse(status=204)
