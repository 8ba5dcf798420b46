"""Bulk Data Access: kick-off, status, files with ranges, and what may go wrong on the way."""

import json
import secrets

from .search import outcome

FORMAT = {"Content-Type": "application/fhir+ndjson"}


class Bulk:
    """Faults: `busy`: how often the status says that it is not done yet; `cut`: file names -> how many bytes are sent
    before the line is cut, once; `no_ranges`: a file always begins at its start; `fails`: the job ends in an error;
    `problems`: lines of an error file; `gone`: [type/id] that were deleted; `group`: the only group that there is.
    """

    def __init__(self, clinic):
        self.clinic = clinic
        self.jobs, self.cut, self.started = {}, {}, []
        self.busy, self.retry_after = 1, "1"
        self.no_ranges = self.fails = self.too_many = False
        self.problems, self.gone, self.group, self.lines = [], [], "research", 40
        self.kick_offs, self.deleted_jobs = [], []

    def get(self, path, asked, headers, token):
        if token not in self.clinic.smart.tokens:
            return 401, outcome("login")
        if path.endswith("/$export"):
            return self._kick_off(path, asked, headers)
        _, _, job, *name = path.split("/")
        if job not in self.jobs:
            return 404, outcome("not-found")
        return self._file(job, name[0], headers) if name else self._status(job)

    def delete(self, path):
        self.deleted_jobs.append(path)
        return 202, outcome("informational")

    def _kick_off(self, path, asked, headers):
        if headers.get("Prefer") != "respond-async" or "fhir+json" not in headers.get("Accept", ""):
            return 400, outcome("invalid")
        if path not in ("/fhir/$export", "/fhir/Patient/$export", f"/fhir/Group/{self.group}/$export"):
            return 404, outcome("not-found")
        self.kick_offs.append({"path": path} | asked)
        job = secrets.token_urlsafe(8)
        self.jobs[job] = {"left": self.busy, "files": self._files(asked)}
        return 202, b"", {"Content-Location": f"{self.clinic.address}/bulk/{job}"}

    def _files(self, asked):
        wanted, since = asked.get("_type", "").split(",") if asked.get("_type") else None, asked.get("_since", "")
        by_type = {}
        for one in self.clinic.resources:
            kind, changed = one["resourceType"], one.get("meta", {}).get("lastUpdated", "2020-01-01T00:00:00Z")
            if (wanted is None or kind in wanted) and changed >= since:
                by_type.setdefault(kind, []).append(json.dumps(one).encode() + b"\n")
        return {f"{kind}.{n}": lines[n * self.lines : (n + 1) * self.lines]
                for kind, lines in by_type.items() for n in range(-(-len(lines) // self.lines))}  # fmt: skip

    def _status(self, job):
        held = self.jobs[job]
        if held["left"] > 0:
            held["left"] -= 1
            if self.too_many:
                return 429, outcome("throttled"), {"Retry-After": self.retry_after}
            return 202, b"", {"X-Progress": "some of it", "Retry-After": self.retry_after}
        if self.fails:
            return 500, outcome("exception")
        url = f"{self.clinic.address}/bulk/{job}/"
        manifest = {
            "transactionTime": "2026-11-20T00:00:00Z",
            "request": f"{self.clinic.base}/$export",
            "requiresAccessToken": True,
            "output": [{"type": name.split(".")[0], "url": url + name, "count": len(lines)}
                       for name, lines in held["files"].items()],
            "error": [{"type": "OperationOutcome", "url": url + "errors"}] if self.problems else [],
            "deleted": [{"type": "Bundle", "url": url + "deleted"}] if self.gone else [],
        }  # fmt: skip
        return 200, manifest, {"Content-Type": "application/json"}

    def _file(self, job, name, headers):
        body = self._body(job, name)
        start = 0
        if (told := headers.get("Range")) and not self.no_ranges:
            start = int(told.removeprefix("bytes=").removesuffix("-"))
        self.started.append((name, start))
        more = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}"} if start else {}
        return 206 if start else 200, body[start:], FORMAT | more, self.cut.pop(name, None)

    def _body(self, job, name):
        if name == "errors":
            return b"".join(json.dumps(one).encode() + b"\n" for one in self.problems)
        if name == "deleted":
            entries = [{"request": {"method": "DELETE", "url": one}} for one in self.gone]
            return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode() + b"\n"
        return b"".join(self.jobs[job]["files"][name])
