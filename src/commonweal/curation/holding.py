"""Which releases hold a person: read off the rolls that were written when they were published."""

from typing import Any

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.home import Home


def holds(home: Home, participant_id: str, *, actor: str = "bridge") -> dict[str, Any]:
    """Release, tier, cutoff, when published and taken back; newest first. Audited under the person.

    Raises BadInput where nobody has this participant id.
    """
    from pyroaring import BitMap

    from commonweal.vault.people.models import Participant
    from commonweal.vault.voice.models import ReleaseRoll

    person = Participant.objects.filter(participant_id=participant_id).first()
    if person is None:
        raise BadInput("--participant: nobody has this participant id")
    rolls = [
        {
            "release": roll.release,
            "tier": roll.tier,
            "data_cutoff": roll.data_cutoff.isoformat(),
            "published_at": roll.published_at.isoformat(),
            "retracted_at": roll.retracted_at and roll.retracted_at.isoformat(),
        }
        for roll in ReleaseRoll.objects.order_by("-published_at", "tier")
        if person.pk in BitMap.deserialize(bytes(roll.members))
    ]
    audit.record("release.holds", actor=actor, subject=person, count=len(rolls))
    text = "\n".join(f"{r['release']}  {r['tier']}  data up to {r['data_cutoff']}" for r in rolls)
    return {"releases": rolls, "text": text or "No release holds this person."}
