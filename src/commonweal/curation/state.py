"""What a build starts from, in a few words that change when any of it does."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa

from commonweal import __version__
from commonweal.home import Home
from commonweal.protocol import Protocol

SOFTWARE = f"commonweal {__version__}"


def facts_fingerprint(now: datetime) -> str:
    """Digest of how much is in the vault and how much of it holds at `now`.

    Facts are only added, so it is the same while none was, none that lies ahead has begun to hold, and no yes expired.
    """
    from django.db.models import Count, Max

    from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Withdrawal
    from commonweal.vault.people.models import Pairing, Participant, Profile
    from commonweal.vault.records.models import Submission
    from commonweal.vault.surveys.models import Form, SurveyResponse
    from commonweal.vault.wearables.models import DayLeftOut
    from commonweal.vault.wearables.models import Submission as Delivery

    every = (Participant, Profile, Pairing, ConsentAnswer, Withdrawal, Deactivation, SurveyResponse, Form, DayLeftOut)
    counted: list[Any] = [tuple(model.objects.aggregate(Count("id"), Max("id")).values()) for model in every]
    counted += [
        model.objects.filter(event_time__lte=now).count() for model in (ConsentAnswer, Withdrawal, Deactivation)
    ]
    counted.append(ConsentAnswer.objects.filter(expires_at__lte=now).count())
    counted.append(sorted(Submission.objects.values_list("id", "state", "sha256")))
    done = Delivery.objects.filter(state=Delivery.DONE)
    counted.append(tuple(done.aggregate(Count("id"), Max("id"), Max("finished_time")).values()))
    return digest(counted)


def digest(value: Any) -> str:
    """SHA-256 of a value as canonical JSON."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


def table_digest(table: pa.Table) -> str:
    """SHA-256 of a table's rows in their order."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks(), max_chunksize=1 << 20)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def inputs(home: Home, protocol: Protocol) -> dict[str, Any]:
    """Software, protocol and vocabulary: what a release names in its manifest beside its facts."""
    from commonweal.omop import vocabulary

    return {
        "software": SOFTWARE,
        "protocol": {"name": protocol.name, "version": protocol.version, "digest": protocol.digest},
        "vocabulary": vocabulary.versions(home),
    }
