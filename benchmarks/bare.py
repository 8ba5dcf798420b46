"""The barest Django: one view that says "ok", under the same server; what a page costs before it does anything."""

import sys


def serve(port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "bare:application", address="127.0.0.1", port=port, interface=Interfaces.WSGI, workers=1, blocking_threads=4,
        websockets=False, log_enabled=False,
    ).serve()  # fmt: skip


if __name__ == "__main__":
    serve(int(sys.argv[1]))
else:  # in the server's worker
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.urls import path

    settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="bare", ALLOWED_HOSTS=["*"], MIDDLEWARE=[], DEBUG=False)
    urlpatterns = [path("", lambda request: HttpResponse("ok"))]
    application = get_wsgi_application()
