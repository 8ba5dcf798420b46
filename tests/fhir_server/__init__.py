"""A clinic's FHIR R4 server on this machine: SMART App Launch, searches with pages, bulk exports, and faults on demand.

It checks what it is sent, and remembers it. Standard library alone, but for the check of signatures. For tests.
"""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .clinic import Clinic


@contextmanager
def running(resources=(), **settings):
    """`with fhir_server.running(resources) as clinic:` a server that listens on a port of its own."""
    clinic = Clinic(resources, **settings)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.answer(*clinic.get(self.path, self.headers))

        def do_DELETE(self):
            self.answer(*clinic.delete(self.path, self.headers))

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(*clinic.post(urlsplit(self.path).path, form, self.headers))

        def answer(self, status, told, headers=None, cut_after=None):
            """`cut_after`: so many bytes are sent of it, and then the line is cut."""
            headers = dict(headers or {})
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            headers.setdefault("Content-Type", "application/fhir+json")
            headers["Content-Length"] = str(len(body))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if cut_after is None else body[:cut_after])
            if cut_after is not None:
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    clinic.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield clinic
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
