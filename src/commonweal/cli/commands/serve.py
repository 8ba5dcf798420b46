"""`commonweal serve`: run a site, the bridge, or all of them under supervision."""

import argparse
import sys
from contextlib import suppress
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "run a site, the bridge, or everything (portal 8000, research 8001)"

PORTS = {"portal": 8000, "research": 8001}
ZONES = {"portal": Zone.PORTAL, "research": Zone.RESEARCH, "bridge": Zone.BRIDGE, "all": Zone.OPEN}


def zone(args: argparse.Namespace) -> Zone:
    return ZONES[args.subcommand]


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    for name, port in PORTS.items():
        sub = subparsers.add_parser(name, parents=[shared], help=f"run the {name} site")
        sub.add_argument("--host", default="127.0.0.1")
        sub.add_argument("--port", type=int, default=port)
        sub.add_argument("--threads", type=int, default=4, help="requests answered at once")
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
    return _site(args, console)


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
    """Both sites and the bridge until interrupted; `then_say` follows the addresses once all are ready."""
    from commonweal.cli.supervise import Process, Supervisor, check_free
    from commonweal.errors import BadInput

    ports = {"portal": portal_port, "research": research_port}
    if portal_port == research_port:
        raise BadInput(
            f"both sites on port {portal_port}: give them different ones with --portal-port and --research-port"
        )
    for name, port in ports.items():
        check_free(host, port, f"--{name}-port")
    command = [sys.executable, "-m", "commonweal.cli", "serve"]
    processes = [
        Process(name, ZONES[name], [*command, name, "--host", host, "--port", str(port)], f"http://{host}:{port}")
        for name, port in ports.items()
    ]
    processes.insert(1, Process("bridge", Zone.BRIDGE, [*command, "bridge"], None))
    with suppress(KeyboardInterrupt), Supervisor(processes, home.root, console) as running:
        running.wait_ready()
        for process in processes:
            console.say(f"{process.name:10} {process.address or 'working'}")
        console.say(then_say + "\nCtrl-C stops everything." if then_say else "Ctrl-C stops everything.")
        running.watch()
    return {"served": "all", "text": "Everything has stopped."}
