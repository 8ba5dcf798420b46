"""`commonweal serve`: run a site, the bridge, or all of them under supervision."""

import argparse
import os
import sys
from contextlib import suppress
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "run a site, the bridge, or everything (portal 8000, research 8001)"

PORTS = {"portal": 8000, "research": 8001}
ZONES = {
    "portal": Zone.PORTAL,
    "worker": Zone.PORTAL,
    "research": Zone.RESEARCH,
    "bridge": Zone.BRIDGE,
    "all": Zone.OPEN,
}


def zone(args: argparse.Namespace) -> Zone:
    """Who supervises others holds no zone's secrets itself."""
    return Zone.OPEN if args.subcommand == "portal" and not args.web_only else ZONES[args.subcommand]


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    for name, port in PORTS.items():
        sub = subparsers.add_parser(name, parents=[shared], help=f"run the {name} site")
        sub.add_argument("--host", default="127.0.0.1")
        sub.add_argument("--port", type=int, default=port)
        sub.add_argument("--threads", type=int, default=4, help="requests answered at once")
        if name == "portal":
            sub.add_argument("--web-only", action="store_true", help="the pages alone; run `serve worker` beside them")
    subparsers.add_parser("worker", parents=[shared], help="run a worker of the portal: jobs, messages, reminders")
    sub = subparsers.add_parser("bridge", parents=[shared], help="run the bridge, which builds releases when asked")
    sub = subparsers.add_parser("all", parents=[shared], help="run everything, each process with its own settings")
    sub.add_argument("--host", default="127.0.0.1")
    sub.add_argument("--portal-port", type=int, default=PORTS["portal"])
    sub.add_argument("--research-port", type=int, default=PORTS["research"])


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.cli.supervise import interrupt_on_terminate
    from commonweal.home import Home

    home = Home.locate(args.home).require()
    if args.subcommand == "all":
        interrupt_on_terminate()
        return serve_all(home, console, args.host, args.portal_port, args.research_port)
    if args.subcommand == "bridge":
        return _bridge(home, console)
    if args.subcommand == "worker":
        return _worker(console)
    if args.subcommand == "portal" and not args.web_only:
        interrupt_on_terminate()
        return serve_portal(home, console, args.host, args.port, args.threads)
    return _site(args, console)


def _worker(console: Console) -> dict[str, Any]:
    """The portal's worker in this process; on SIGTERM or an interrupt it ends what it is at first."""
    import threading

    from commonweal.sites.portal import worker

    stop = threading.Event()
    worker.stop_on_signals(stop)
    console.say("The portal's worker waits for jobs and messages (Ctrl-C stops it)")
    worker.run_forever(stop)
    return {"served": "worker"}


def _bridge(home: Any, console: Console) -> dict[str, Any]:
    """The bridge in this process; on SIGTERM or an interrupt it ends what it is at first."""
    import signal
    import threading

    from commonweal.curation.worker import run_forever

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    console.say("The bridge waits for requests of stewards (Ctrl-C stops it)")
    run_forever(stop, home)
    return {"served": "bridge"}


def _site(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    """One site in this process: granian, one worker, a few threads; no access log, since addresses may say too much."""
    from granian import Granian
    from granian.constants import Interfaces

    from commonweal.cli.supervise import check_free

    check_free(args.host, args.port, "--port")
    server = Granian(
        f"commonweal.sites.{args.subcommand}.wsgi:application",
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=args.threads,
        websockets=False,
        respawn_failed_workers=True,
        log_access=False,
    )
    console.say(f"The {args.subcommand} site is at http://{args.host}:{args.port}/ (Ctrl-C stops it)")
    server.serve()
    return {"served": args.subcommand}


def serve_all(
    home: Any, console: Console, host: str, portal_port: int, research_port: int, *, then_say: str = ""
) -> dict[str, Any]:
    """Both sites, the worker and the bridge until interrupted; `then_say` follows the addresses once all are ready."""
    from commonweal.cli.supervise import Process, check_free
    from commonweal.errors import BadInput

    ports = {"portal": portal_port, "research": research_port}
    if portal_port == research_port:
        raise BadInput(
            f"both sites on port {portal_port}: give them different ones with --portal-port and --research-port"
        )
    for name, port in ports.items():
        check_free(host, port, f"--{name}-port")
    processes = [
        _web("portal", host, portal_port),
        Process("worker", Zone.PORTAL, _command("worker"), None),
        Process("bridge", Zone.BRIDGE, _command("bridge"), None),
        _web("research", host, research_port),
    ]
    return _supervise(processes, home, console, then_say) | {"served": "all"}


def serve_portal(home: Any, console: Console, host: str, port: int, threads: int) -> dict[str, Any]:
    """The portal's pages and one worker beside them until interrupted."""
    from commonweal.cli.supervise import Process, check_free

    check_free(host, port, "--port")
    processes = [
        _web("portal", host, port, "--threads", str(threads)),
        Process("worker", Zone.PORTAL, _command("worker"), None),
    ]
    return _supervise(processes, home, console) | {"served": "portal"}


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "commonweal.cli", "serve", *arguments]


def _web(name: str, host: str, port: int, *more: str) -> Any:
    """One site's process; the portal's links in messages lead to where it listens, unless told otherwise."""
    from commonweal.cli.supervise import Process

    address = f"http://{host}:{port}"
    if name == "portal":
        os.environ.setdefault("COMMONWEAL_PORTAL_URL", address)
        more = ("--web-only", *more)
    return Process(name, ZONES[name], _command(name, "--host", host, "--port", str(port), *more), address)


def _supervise(processes: list[Any], home: Any, console: Console, then_say: str = "") -> dict[str, Any]:
    from commonweal.cli.supervise import Supervisor

    with suppress(KeyboardInterrupt), Supervisor(processes, home.root, console) as running:
        running.wait_ready()
        for process in processes:
            console.say(f"{process.name:10} {process.address or 'working'}")
        console.say(then_say + "\nCtrl-C stops everything." if then_say else "Ctrl-C stops everything.")
        running.watch()
    return {"text": "Everything has stopped."}
