"""`commonweal messages`: what lies in the outbox, what waits, and the key that providers sign receipts with."""

import argparse
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "look at messages: the outbox of a home without a mail server, and how many wait"
SAYS = {
    "outbox": "print the latest messages of the outbox folder, with their codes",
    "state": "how many messages wait, went out, were held or failed",
    "receipts-key": "print the key with which providers sign what they tell us about messages",
}


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    for name, says in SAYS.items():
        sub = subparsers.add_parser(name, parents=[shared], help=says, description=says)
        if name == "outbox":
            sub.add_argument("--last", type=int, default=5, metavar="N", help="how many (default 5)")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home

    Home.locate(args.home).require()
    if args.subcommand == "outbox":
        return _outbox(args)
    return _state() if args.subcommand == "state" else _key()


def _outbox(args: argparse.Namespace) -> dict[str, Any]:
    from commonweal.errors import BadInput
    from commonweal.vault.messages import outbox

    if args.last < 1:
        raise BadInput("--last: at least 1")
    found = outbox.latest(args.last)
    answer: dict[str, Any] = {"messages": found}
    if not args.json:
        shown = (
            f"{one['at'][:19]}  {one['channel']}  to {one['to']}\n{one['subject']}\n{one['text']}" for one in found
        )
        answer["text"] = "\n\n".join(shown) or "The outbox is empty."
    return answer


def _state() -> dict[str, Any]:
    from django.db.models import Count

    from commonweal.vault.messages.models import Message

    counted = Message.objects.values_list("state").annotate(messages=Count("pk")).order_by("state")
    return {"states": dict(counted)}


def _key() -> dict[str, Any]:
    from commonweal.vault.messages import receipts

    return {"key": receipts.key()}
