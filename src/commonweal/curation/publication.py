"""check -> publish, and retract: the gates between a built release and anyone who may read it."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from commonweal import audit, files
from commonweal import protocol as protocols
from commonweal.curation import events, inspection, risk, telling
from commonweal.curation.building import engine
from commonweal.curation.checks import reconcile
from commonweal.curation.checks import run as checks
from commonweal.curation.layout import Layout
from commonweal.curation.lock import alone
from commonweal.curation.public import PUBLIC, SOURCE
from commonweal.curation.public import building as counted
from commonweal.curation.public import checks as public_checks
from commonweal.errors import BadInput, Refused
from commonweal.home import Home

if TYPE_CHECKING:
    from commonweal.cli.console import Console


def check(home: Home, name: str, *, why: str = "", actor: str = "bridge", console: "Console") -> dict[str, Any]:
    """Run all checks on the files of each tier of `name` again and write a checked event; Refused where one failed.

    `why`: the steward's reason for what differs much from the release before; with it no drift stops the release. It
    stands in the event, which is signed, for everyone who reads the release. Nothing else can be excused.
    """
    layout = Layout(home, name)
    outcomes: dict[str, list[dict[str, Any]]] = {}
    with alone(home):
        for tier in layout.require():
            folder = layout.tier(tier)
            manifest = files.load_json(folder / "manifest.json")
            protocol = protocols.current(home.protocol)
            if protocol.digest != manifest["protocol"]["digest"]:
                raise Refused(f"release {name}: the protocol has changed since it was built; build it again")
            console.say(f"Checking the {tier} tier of {name}")
            outcomes[tier] = _checked(layout, tier, protocol, manifest, excused=bool(why.strip()))
            telling.tell(name, tier, manifest, outcomes[tier])
            failed = [c["id"] for c in outcomes[tier] if c["outcome"] == "failed"]
            if events.status(folder) in ("built", "checked", "failed"):
                details = {"passed": not failed, "checks": {c["id"]: c["outcome"] for c in outcomes[tier]}}
                details |= {"why": why.strip()} if why.strip() else {}
                events.append(home, folder, "checked", release=name, tier=tier, actor=actor, details=details)
    audit.record("release.check", actor=actor, subject=None, count=None, release=name)
    bad = {tier: [c for c in found if c["outcome"] == "failed"] for tier, found in outcomes.items()}
    if any(bad.values()):
        told = "; ".join(
            f"{t}: {c['id']} is {c['figure']:g}, at most {c['threshold']:g} is allowed" for t in bad for c in bad[t]
        )
        drifted = any(c["id"].startswith("drift.") for found in bad.values() for c in found)
        hint = "; where the difference is meant, say why with --why" if drifted else ""
        raise Refused(f"release {name} did not pass its checks: {told}{hint}")
    return {"release": name, "passed": True, "checks": outcomes}


def _checked(
    layout: Layout, tier: str, protocol: protocols.Protocol, manifest: dict[str, Any], excused: bool
) -> list[dict[str, Any]]:
    folder = layout.tier(tier)
    with engine(layout) as con:
        if tier == PUBLIC:
            counted.open_source(con, layout, protocol, manifest)
            found = public_checks.run(con, layout, folder, manifest)
        else:
            found = checks.run(con, layout, folder, tier, protocol, manifest).checks
    faults = len(inspection.faults(layout.home, folder))
    found = [replace(c, stops=False) if excused and c.id.startswith("drift.") else c for c in found]
    if tier != PUBLIC:  # the gate is what keeps numbers of people from telling of one
        found += reconcile.again(reconcile.raw_rows(layout.raw), manifest, reconcile.released_rows(folder))
        found += risk.checks(manifest["risk"], protocol.privacy.risk, tier)
    at_build = [c for c in manifest["checks"] if c["id"] == "reconcile.answers"]
    files_check = {"id": "files.intact", "outcome": "failed" if faults else "passed", "figure": faults, "threshold": 0}
    return [*(c.as_dict() for c in found), *at_build, files_check]


def publish(home: Home, name: str, *, actor: str = "bridge", console: "Console") -> dict[str, Any]:
    """Make every tier of `name` visible. Refused where its checks did not pass, or somebody in it no longer agrees.

    Safe to repeat: a published tier stays as it is, and what an interrupted publication left undone is done.
    """
    layout = Layout(home, name)
    with alone(home):
        for tier in layout.require():
            folder = layout.tier(tier)
            status = events.status(folder)
            if status == "retracted":
                raise Refused(
                    f"release {name}, tier {tier}: it was retracted and is not published again; build another"
                )
            if status not in ("checked", "published"):
                raise Refused(
                    f"release {name}, tier {tier}: it is {status}; `commonweal release check {name}` must pass first"
                )
            if status == "checked":
                _check_sound(home, layout, tier)
        done = [tier for tier in layout.tiers if _publish(home, layout, tier, actor)]
    if done:
        audit.record("release.publish", actor=actor, subject=None, count=None, release=name, tiers=done)
        console.say(f"{name} is published")
    return {"release": name, "tiers": layout.tiers, "unchanged": not done}


def _check_sound(home: Home, layout: Layout, tier: str) -> None:
    faults = inspection.faults(home, layout.tier(tier))
    if faults:
        raise Refused(f"release {layout.name}, tier {tier}: {faults[0]}; build it again")
    lost = people_lost(layout, tier)
    if lost:
        raise Refused(
            f"release {layout.name}: {lost} of its people have since withdrawn, or no longer share what it holds of them;"
            f" run `commonweal release build {layout.name}` again, which leaves them out"
        )


def people_lost(layout: Layout, tier: str) -> int:
    """People of a tier who by now lack a grant that rows of theirs in it need: counted in its tables, scope by scope."""
    rows_of = SOURCE if tier == PUBLIC else tier  # the public tier counts the rows of the one that it was made of
    with engine(layout) as con:
        return checks.no_longer_granted(con, layout, layout.tier(rows_of), rows_of, datetime.now(UTC))


def _publish(home: Home, layout: Layout, tier: str, actor: str) -> bool:
    """The roll of members and the published event: both, or neither. True where the event was written now."""
    from django.db import transaction

    from commonweal.vault.voice.models import ReleaseRoll

    folder = layout.tier(tier)
    fresh = events.status(folder) != "published"
    if not fresh and ReleaseRoll.objects.filter(release=layout.name, tier=tier).exists():
        return False
    with transaction.atomic():
        ReleaseRoll.objects.create(
            release=layout.name,
            tier=tier,
            data_cutoff=files.load_json(folder / "manifest.json")["data_cutoff"],
            published_at=datetime.now(UTC),
            members=members(home, folder, tier),
        )
        if fresh:
            _open_to_readers(folder)
            if tier == PUBLIC:
                counted.record(folder, actor)
            events.append(home, folder, "published", release=layout.name, tier=tier, actor=actor)
    return fresh


def _open_to_readers(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.parent.chmod(0o755)


def members(home: Home, folder: Path, tier: str) -> bytes:
    """Portable Roaring bitmap of the Participant.id of everyone in a built tier."""
    from pyroaring import BitMap

    if tier == PUBLIC:  # it counts those who are in the tier that it was made of
        return members(home, folder.with_name(SOURCE), SOURCE)
    persons = pq.read_table(folder / "tables" / "person", columns=["person_id"])["person_id"]
    people = checks.tier_crosswalk(home, tier)
    inside = people.filter(pc.is_in(people["research_id"], persons))["participant"]
    return BitMap(inside.to_pylist()).serialize()


def retract(home: Home, name: str, *, why: str, actor: str = "bridge", console: "Console") -> dict[str, Any]:
    """Withdraw every published tier of `name`, with a reason that readers will see; its files stay."""
    from commonweal.vault.voice.models import ReleaseRoll

    layout = Layout(home, name)
    if not why.strip():
        raise BadInput("retract: say why with --why; researchers will read it")
    with alone(home):
        published = [t for t in layout.require() if events.status(layout.tier(t)) == "published"]
        if not published:
            already = all(events.status(layout.tier(t)) == "retracted" for t in layout.tiers)
            if already:
                return {"release": name, "tiers": layout.tiers, "unchanged": True}
            raise Refused(f"release {name}: it is not published, so there is nothing to retract")
        for tier in published:
            details = {"why": why.strip()}
            events.append(home, layout.tier(tier), "retracted", release=name, tier=tier, actor=actor, details=details)
            ReleaseRoll.objects.filter(release=name, tier=tier).update(retracted_at=datetime.now(UTC))
    audit.record("release.retract", actor=actor, subject=None, count=None, release=name, tiers=published)
    console.say(f"{name} is retracted")
    return {"release": name, "tiers": published, "unchanged": False}
