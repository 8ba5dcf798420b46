"""Survey responses coming in: in bulk from a file, and one by one over HTTP, against writing the same bytes to disk.

The responses are those of simulated people to The Basics, given again to copies of that form under names of their own, so
that every one of them is read, checked, classified and kept. Over HTTP a real server takes them from CLIENTS partner systems
at once, which share one token; `peer` is one client alone. Lines: surveys/import, surveys/import-again (the same file: all
is there already), surveys/http. `rate` is responses a second. The floor of each is its bytes, written and synced.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

CLIENTS = 8
OVER_HTTP = 1600  # responses; a token may ask 6,000 times a minute
CODE = "TheBasics"
_AGAIN = {"import": [f"BenchImport{number}" for number in range(6)], "http": ["BenchHttp"]}


def main(sizes: list[int]) -> None:
    import homes

    from commonweal import zone

    for people in sizes:
        home, _, _, _ = homes.simulated(people)
        environment = zone.child_environment(zone.Zone.PORTAL, home)
        out = homes.folder() / f"surveys-{people}"
        out.mkdir()
        subprocess.run([sys.executable, __file__, str(out)], env=environment, check=True, cwd=Path(__file__).parent)
        _bulk(home, people, out)
        _http(home, people, out)


def _bulk(home: Path, people: int, out: Path) -> None:
    import homes

    form, file = str(out / "form-import.json"), out / "import.ndjson"
    lines = file.read_bytes().count(b"\n")
    homes.command(home, "surveys", "import", form)
    floor = _written(file.read_bytes())
    for name in ("surveys/import", "surveys/import-again"):
        found, seconds, peak = homes.command(home, "surveys", "import", str(file))
        told = {key: found[key] for key in ("accepted", "unchanged", "rejected", "unmatched")}
        _tell(name, people, seconds, lines, floor, peak, **told)


def _http(home: Path, people: int, out: Path) -> None:
    import homes

    homes.command(home, "surveys", "import", str(out / "form-http.json"))
    rights = ("--right", "system/QuestionnaireResponse.crs")
    token = homes.command(home, "partners", "token", "--name", "bench", "--level", "program", *rights)[0]["token"]
    bodies = (out / "http.ndjson").read_bytes().splitlines()[:OVER_HTTP]
    alone, together = bodies[: len(bodies) // 8], bodies[len(bodies) // 8 :]
    floor = _written(b"\n".join(together))
    port = _free_port()
    command = [sys.executable, "-m", "commonweal.cli", "serve", "portal", "--port", str(port), "--home", str(home)]
    server = subprocess.Popen(command, env=os.environ | {"COMMONWEAL_HOME": str(home)}, stdout=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/readyz")
        one, _ = _sent(port, token, alone, 1)
        seconds, answers = _sent(port, token, together, CLIENTS)
        peer = one * len(together) / max(1, len(alone))
        more = {"clients": CLIENTS, "answers": answers, "peer": "one client alone", "peer_seconds": round(peer, 3)}
        _tell("surveys/http", people, seconds, len(together), floor, _peak(server.pid), **more)
    finally:
        server.terminate()
        server.wait(20)


def _sent(port: int, token: str, bodies: list[bytes], clients: int) -> tuple[float, dict[str, int]]:
    """(seconds, how often each status came) of sending the bodies from several clients at once."""
    answers: dict[str, int] = {}
    lock = threading.Lock()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json", "Prefer": "return=minimal"}

    def client(mine: list[bytes]) -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in mine:
            link.request("POST", "/fhir/QuestionnaireResponse", body, headers)
            answer = link.getresponse()
            answer.read()
            with lock:
                answers[str(answer.status)] = answers.get(str(answer.status), 0) + 1

    threads = [threading.Thread(target=client, args=(bodies[number::clients],)) for number in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, answers


def _tell(bench: str, people: int, seconds: float, count: int, floor: float, peak: int, **more: object) -> None:
    line = {
        "bench": bench,
        "size": people,
        "seconds": round(seconds, 3),
        "responses": count,
        "rate": round(count / seconds),
    }
    line |= {"floor_ratio": round(seconds / floor, 1), "peak_mb": peak, "cores": os.cpu_count(), **more}
    print(json.dumps(line), flush=True)


def _written(data: bytes) -> float:
    """Seconds to write the bytes and have them on the disk."""
    import homes

    path = homes.folder() / "floor"
    began = time.perf_counter()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    path.unlink()
    return seconds


def _peak(pid: int) -> int:
    """Peak memory in MB of the server and its children, added up."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    own = next((int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM")), 0)
    return own + sum(_peak(int(child)) for child in children)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"bench: {address} does not answer")


def write(out: Path) -> None:
    """In the portal's zone: the forms, and the responses to them, named by participant id and by UUID."""
    from commonweal.vault.surveys import forms
    from commonweal.vault.surveys.models import SurveyResponse

    survey = forms.find(CODE)
    url = survey.questionnaire.url
    responses = SurveyResponse.objects.filter(questionnaire=CODE).select_related("participant").order_by("id")
    for kind, names in _AGAIN.items():
        with (out / f"{kind}.ndjson").open("w") as file, (out / f"form-{kind}.json").open("w") as told:
            for name in names:
                form = survey.document | {"name": name, "url": url.replace(CODE, name)}
                told.write(json.dumps(form) + "\n")
                for one in responses.iterator(chunk_size=1000):
                    person = one.participant.participant_id if kind == "import" else one.participant.uuid
                    about = f'{{"subject":{{"reference":"Patient/{person}"}},'
                    file.write(about + one.document[1:].replace(url, form["url"]) + "\n")


if __name__ == "__main__":
    import django

    django.setup()
    write(Path(sys.argv[1]))
