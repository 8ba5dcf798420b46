"""The kit: materials with their versions, each a file in the vault's store or a link."""

import hashlib
import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.partners import material_files, records, rules
from commonweal.vault.partners.kinds import AUDIENCES, LANGUAGES, MATERIALS
from commonweal.vault.partners.models import Material
from commonweal.vault.people.models import Account


def catalogue() -> QuerySet[Material]:
    """What can be handed out now, each in its latest version."""
    return records.standing(Material.objects.all()).order_by("audience", "title", "language", "pk")


def add(
    given: dict[str, Any], file: bytes | None, *, by: Account, key: str, instead_of: Material | None = None
) -> Material:
    """A new material, or a newer version of one: with a file or a link, not both. Raises BadInput, Overtaken."""
    _check(given, file)
    name = uuid.uuid4()
    kept = _kept(file, name)
    with transaction.atomic():
        made = records.add(Material, by=by, key=key, supersedes=instead_of, **{"uuid": name}, **given, **kept)
        if made.uuid == name:
            audit.record("partners.material", actor=by, kind=made.kind, language=made.language, version=made.version)
    if made.uuid != name and kept:  # the same form twice: the first one's file stays
        material_files.path_of(str(name), kept["file_kind"]).unlink(missing_ok=True)
    return made


def _check(given: dict[str, Any], file: bytes | None) -> None:
    if bool(file) == bool(given["link"]):
        raise BadInput(_("Give a file or a link: one of them."))
    rules.check_known([given["kind"]], MATERIALS)
    rules.check_known([given["language"]], LANGUAGES)
    rules.check_known([given["audience"]], AUDIENCES)


def _kept(file: bytes | None, name: uuid.UUID) -> dict[str, Any]:
    if not file:
        return {}
    kind = material_files.read(file)
    material_files.keep(file, str(name), kind)
    return {"file_kind": kind, "sha256": hashlib.sha256(file).hexdigest(), "size": len(file)}


@transaction.atomic
def withdraw(material: Material, *, by: Account) -> Material:
    """Hand it out no longer. Its file stays for who must know what was handed out."""
    made = records.correct(material, by=by, withdrawn=True)
    audit.record("partners.material_withdrawn", actor=by, kind=made.kind, version=made.version)
    return made
