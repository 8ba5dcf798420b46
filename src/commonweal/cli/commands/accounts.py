"""`commonweal accounts create`: log-ins of both sites."""

import argparse
import sys
from typing import Any

from commonweal.cli.console import Console
from commonweal.zone import Zone

HELP = "make log-ins: participants, staff of the portal, researchers"
STAFF = ("site_staff", "org_manager", "awardee_manager", "operator", "steward", "auditor", "partner")
ROLES = ("participant", *STAFF, "researcher")


def zone(args: argparse.Namespace) -> Zone:
    return Zone.RESEARCH if args.subcommand == "token" or args.role == "researcher" else Zone.PORTAL


def add_subcommands(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    sub = subparsers.add_parser("create", parents=[shared], help="make one log-in with one role")
    sub.add_argument("--role", choices=ROLES, required=True)
    sub.add_argument("--email", default="")
    sub.add_argument(
        "--phone", default="", help="a mobile phone number to log in with, beside the address or instead of it"
    )
    sub.add_argument(
        "--password-stdin", action="store_true", required=True, help="read the password from standard input"
    )
    sub.add_argument("--site", default="", help="site_staff: the id of their site")
    sub.add_argument("--scope", default="", help="org_manager, awardee_manager, partner: the id of the place")
    sub.add_argument("--language", default="en", choices=("en", "es"))
    sub.add_argument("--name", default="", help="researcher: their name")
    sub.add_argument("--institution", default="", help="researcher: where they work")
    sub.add_argument("--program-staff", action="store_true", help="researcher: may ask for exact counts")
    sub = subparsers.add_parser(
        "token", parents=[shared], help="issue an API token of the research site, shown this once"
    )
    sub.add_argument("--email", required=True, help="the researcher's address")
    sub.add_argument("--days", type=int, default=90, help="how long it is in force (default 90)")


def run(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    from commonweal.errors import BadInput
    from commonweal.home import Home

    home = Home.locate(args.home).require()
    if args.subcommand == "token":
        return _token(args)
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise BadInput("--password-stdin: standard input is empty; write the password to it")
    made = _researcher(args, password) if args.role == "researcher" else _of_portal(args, password, home)
    answer = {"role": args.role, "site": args.site or None, "created": made}
    if not args.json:
        answer["text"] = f"{'Made' if made else 'There already:'} a log-in with the role {args.role}."
    return answer


def _of_portal(args: argparse.Namespace, password: str, home: Any) -> bool:
    from django.db import transaction

    from commonweal.errors import BadInput
    from commonweal.vault.partners import partners
    from commonweal.vault.people import accounts, actions
    from commonweal.vault.staff import roles
    from commonweal.vault.staff.models import StaffRole

    _check_place(args, home)
    if args.role == "partner" and args.scope not in partners.details():
        raise BadInput("--scope: not a community partner of this program; its id stands on the page Partners")
    with transaction.atomic():
        account, made = accounts.open_account(
            args.email, password, phone=args.phone, language=args.language, actor="command-line"
        )
        if args.role == "participant":
            made |= not hasattr(account, "participant")
            actions.register(account, language=args.language)
        else:
            place = {"site": args.site, "scope": args.scope}
            made |= not StaffRole.objects.filter(account=account, role=args.role, ended_at=None, **place).exists()
            roles.give(account, args.role, args.site, scope=args.scope, actor="command-line")
    return made


def _check_place(args: argparse.Namespace, home: Any) -> None:
    from commonweal import protocol
    from commonweal.errors import BadInput

    partners = protocol.load(home.protocol).partners
    places: dict[str, tuple[str, str, str, Any]] = {
        "site_staff": ("--site", args.site, "a site", partners.sites),
        "org_manager": ("--scope", args.scope, "an organisation", partners.organisations),
        "awardee_manager": ("--scope", args.scope, "an awardee", partners.awardees),
    }
    if args.role in places:
        option, given, what, known = places[args.role]
        if given not in known:
            raise BadInput(f"{option}: not {what} of this program; see partners.toml for the ids")


def _researcher(args: argparse.Namespace, password: str) -> bool:
    from commonweal.errors import BadInput
    from commonweal.workbench.researchers.actions import create_researcher
    from commonweal.workbench.researchers.models import Researcher

    if not args.email:
        raise BadInput("--email: a researcher needs one")
    known = Researcher.objects.filter(email=args.email.strip().lower()).first()
    if known and known.check_password(password):
        return False
    institution, staff = args.institution, args.program_staff
    create_researcher(args.email, password, args.name, institution, program_staff=staff, by="command-line")
    return True


def _token(args: argparse.Namespace) -> dict[str, Any]:
    from commonweal.errors import BadInput
    from commonweal.workbench.researchers.actions import issue_token
    from commonweal.workbench.researchers.models import Researcher

    researcher = Researcher.objects.filter(email=args.email.strip().lower(), is_active=True).first()
    if researcher is None:
        raise BadInput("--email: no researcher has this address; see `commonweal accounts create`")
    if args.days < 1:
        raise BadInput("--days: must be at least 1")
    token = issue_token(researcher, days=args.days)
    return {"token": token} if args.json else {"token": token, "text": token}
