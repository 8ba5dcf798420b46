"""The scopes of SMART App Launch: what is asked for, and which kinds of records a clinic's answer lets us read.

Version 1 writes `patient/Condition.read`, version 2 `patient/Condition.rs` (read, search), with filters behind a `?`.
"""

import re
from collections.abc import Iterable

from commonweal.protocol.clinics import Clinic
from commonweal.vault.records.mediated.discovery import Configuration

ALWAYS = ("launch/patient", "openid", "fhirUser", "offline_access")
_GRANT = re.compile(r"patient/(\*|[A-Z][A-Za-z]+)\.(read|\*|c?r?u?d?s?)(\?\S*)?")


def asked(configuration: Configuration, clinic: Clinic, types: Iterable[str]) -> str:
    """The scopes to ask for: all kinds at once where the server knows that, else each of `types`."""
    ending = "rs" if _is_version_2_alone(configuration) else "read"
    kinds = ["*"] if _all_at_once(configuration, clinic, ending) else sorted(set(types) - set(clinic.leave_out))
    return " ".join([*ALWAYS, *(f"patient/{kind}.{ending}" for kind in kinds)])


def _is_version_2_alone(configuration: Configuration) -> bool:
    told = configuration.capabilities
    return "permission-v2" in told and "permission-v1" not in told


def _all_at_once(configuration: Configuration, clinic: Clinic, ending: str) -> bool:
    if clinic.scopes != "as-told":
        return clinic.scopes == "all"
    return not configuration.scopes or any(one.startswith("patient/*.") for one in configuration.scopes)


def granted(told: str) -> frozenset[str] | None:
    """The kinds that may be read by these scopes; None: every kind.

    An empty answer means what was asked for (RFC 6749, 5.1).
    """
    if not told.strip():
        return None
    matches = [found for one in told.split() if (found := _GRANT.fullmatch(one))]
    kinds = {found[1] for found in matches if found[2] in ("read", "*") or {"r", "s"} & set(found[2])}
    return None if "*" in kinds else frozenset(kinds)
