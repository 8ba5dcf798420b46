"""Telling the bridge what a study uses, so that the program sees whom research is about (commons/usage.py).

Until a study has a workspace of its own, what one researcher keeps or takes away is one study.
"""

import hmac
from hashlib import sha256
from uuid import UUID

from django.utils import timezone

from commonweal.commons import usage
from commonweal.commons.cohort.cohort import Cohort
from commonweal.errors import Refused
from commonweal.home import secret_key
from commonweal.workbench.studio.releases import home

_KEY = "usage.key"


def tell(who: str, kind: str, cohort: Cohort, predicate: str) -> None:
    """Write the file of a use, if it is not there. Raises Refused where it cannot be: what is not told is not used.

    `who`: as the audit names them; `kind`: of `usage.KINDS`; `predicate`: digest of the definition. Called before what it
    tells of is kept: where the process was killed in between there is a file already, and the next try finds it.
    """
    study = study_of(who)
    path = usage.place(home().usage, study, _digest(kind, cohort.release.digest, predicate, str(study)).hex())
    if path.is_file():
        return
    release, day = cohort.release, timezone.now().date()
    use = usage.Use(study, kind, release.name, release.tier, day, release.persons[cohort.members()])
    try:
        usage.write(path, use)
    except OSError as error:
        raise Refused(f"usage: what is used cannot be noted ({error.strerror}); tell the program's operators") from None


def study_of(who: str) -> UUID:
    """The same number each time, from which nobody without this site's key can tell who it is."""
    return UUID(bytes=_digest("study", who)[:16], version=4)


def _digest(*parts: str) -> bytes:
    return hmac.digest(secret_key(home().research_keys, _KEY), "\0".join(parts).encode(), sha256)
