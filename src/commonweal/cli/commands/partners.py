"""`commonweal partners token|tokens|revoke`: keys of partner systems to the portal's interface."""

import argparse
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "keys of partner systems to the portal's interface"
_RIGHTS = (
    "participants.read, summary.read, pairing.write, changes.read, participants.import; for /fhir/:"
    " system/Questionnaire.rs, system/QuestionnaireResponse.crs (c create, r read, s search); several times"
)


def zone(args: argparse.Namespace) -> Zone:
    return Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    sub = subparsers.add_parser("token", parents=[shared], help="issue a key, shown this once")
    sub.add_argument("--name", required=True, help="what the key is for; names no person")
    sub.add_argument("--level", required=True, choices=("program", "awardee", "organisation", "site"))
    sub.add_argument("--scope", default="", help="the id in partners.toml; none for the whole program")
    sub.add_argument("--right", action="append", required=True, metavar="RIGHT", help=_RIGHTS)
    sub.add_argument("--days", type=int, default=90, help="how long it is in force (default 90)")
    subparsers.add_parser("tokens", parents=[shared], help="list the keys, without their secrets")
    sub = subparsers.add_parser("revoke", parents=[shared], help="end a key now")
    sub.add_argument("id", metavar="ID", help="as `tokens` lists it")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.home import Home

    home = Home.locate(args.home).require()
    return {"token": _token, "tokens": _tokens, "revoke": _revoke}[args.subcommand](args, home)


def _token(args: argparse.Namespace, home: Any) -> dict[str, Any]:
    from commonweal import protocol
    from commonweal.vault.api import tokens

    token, secret = tokens.issue(
        args.name,
        level=args.level,
        scope=args.scope,
        rights=args.right,
        protocol=protocol.load(home.protocol),
        days=args.days,
        actor="command-line",
    )
    answer = {"id": str(token.uuid), "token": secret, "expires": token.expires_at.isoformat()}
    return answer if args.json else answer | {"text": secret}


def _tokens(args: argparse.Namespace, home: Any) -> dict[str, Any]:
    from commonweal.vault.api.models import PartnerToken

    listed = [
        {
            "id": str(one.uuid),
            "name": one.name,
            "level": one.level,
            "scope": one.scope,
            "rights": one.rights.split(),
            "expires": one.expires_at.isoformat(),
            "revoked": one.revoked_at.isoformat() if one.revoked_at else None,
            "last_used": one.last_used_at.isoformat() if one.last_used_at else None,
        }
        for one in PartnerToken.objects.order_by("id")
    ]
    words = [f"{one['id']}  {one['name']}  {one['level']} {one['scope']}  {_until(one)}" for one in listed]
    return {"tokens": listed} if args.json else {"tokens": listed, "text": "\n".join(words) or "There is none."}


def _until(listed: dict[str, Any]) -> str:
    return f"ended {listed['revoked']}" if listed["revoked"] else f"until {listed['expires']}"


def _revoke(args: argparse.Namespace, home: Any) -> dict[str, Any]:
    from uuid import UUID

    from commonweal.errors import BadInput
    from commonweal.vault.api import tokens
    from commonweal.vault.api.models import PartnerToken

    try:
        token = PartnerToken.objects.filter(uuid=UUID(args.id)).first()
    except ValueError:
        token = None
    if token is None:
        raise BadInput("ID: no such key; see `commonweal partners tokens`")
    was = token.revoked_at is None
    tokens.revoke(token, actor="command-line")
    return {"revoked": was, "text": "The key is ended." if was else "The key had been ended already."}
