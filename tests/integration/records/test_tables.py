"""A site's tables in OMOP form: what is kept of whom, what is told by line, and what a second submission does."""

import pytest

from tests.integration.records.omop_folder import bring, held, report, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_rows_of_people_who_match_and_share_are_kept(cohort, tmp_path):
    person = cohort.add()
    answer = bring(cohort.home, write(tmp_path / "s"))
    assert (answer["accepted"], answer["unmatched"], answer["rejected"], answer["unit"]) == (4, 3, 0, "rows")
    rows = held(cohort.home, "condition_occurrence")
    assert [(r["person_id"], r["condition_occurrence_id"], r["visit_occurrence_id"]) for r in rows] == [
        (person.pk, 1, 500), (person.pk, 2, None)
    ]  # fmt: skip
    assert report(answer)["persons"] == {"kept": 1, "unmatched": 1}
    assert report(answer)["state"] == "partial"
