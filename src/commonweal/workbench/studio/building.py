"""Building a dataset on somebody's behalf: the size through the gate into the ledger, the building into the audit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from commonweal import audit
from commonweal.commons.dataset.dataset import Dataset
from commonweal.disclosure import digest
from commonweal.workbench.studio.asking import Asker
from commonweal.workbench.studio.using import tell


def told(asker: Asker, dataset: Dataset) -> dict[str, Any]:
    """What a dataset would be, made of the one count that the gate lets through."""
    return dataset.estimate(asker.count(dataset.cohort)).as_dict()


def build(
    asker: Asker, dataset: Dataset, folder: Path, progress: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Writes it. The numbers of rows stand beside them in the manifest; what is said here has passed the gate."""
    counted = asker.count(dataset.cohort)
    tell(asker.name, "dataset", dataset.cohort, dataset.definition.sha256)
    written = dataset.to_parquet(folder, progress)
    subject = digest({"release": dataset.release.digest, "dataset": dataset.definition.sha256})
    audit.record("dataset.built", actor=asker.name, question=subject)
    return {
        "unchanged": written.unchanged,
        "persons": counted.persons,
        "suppressed": counted.suppressed,
        "tables": [{"name": table["name"]} for table in written.tables],
    }
