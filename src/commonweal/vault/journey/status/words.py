"""Levels and needs in words, for participants and staff."""

from django.utils.translation import gettext_lazy as _

from commonweal.vault.journey.status import needs as n

LEVELS: dict[str, object] = {
    "registered": _("Has an account"),
    "interested": _("Joined"),
    "participant": _("Joined"),
    "member": _("Joined, shares health records"),
    "participant_plus_ehr": _("Joined, shares health records"),
    "enrolled_participant": _("Joined, has answered The Basics"),
    "participant_pmb_eligible": _("Ready for measurements and samples"),
    "pmb_eligible": _("Ready for measurements and samples"),
    "core_minus_pm": _("Has given all but measurements"),
    "core_participant": _("Has given everything that we ask of all"),
    "full_participant": _("Has given everything that we ask of all"),
}
NEEDS: dict[str, object] = {
    n.PRIMARY: _("Agreeing to join"),
    n.EHR: _("Sharing health records"),
    n.FULL_EHR: _("A signed yes to sharing health records"),
    n.RESULTS: _("An answer about DNA results"),
    n.DNA_UPDATE: _("An answer about the DNA update"),
    n.BASICS: _("The survey The Basics"),
    n.OVERALL: _("The survey Overall Health"),
    n.LIFESTYLE: _("The survey Lifestyle"),
    n.EXPOSURES: _("The survey about surroundings"),
    n.DNA: _("A sample for DNA"),
    n.MEASURED: _("Physical measurements"),
    n.HEIGHT: _("Height"),
    n.WEIGHT: _("Weight"),
    n.WGS: _("A sequenced genome"),
    n.EHR_FILE: _("Health records that have arrived"),
}
