"""Lists of tables that say the same in several places say the same."""

from commonweal.curation.assembling import ORDER
from commonweal.curation.extract.run import EVERY
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.rules.quality.links import CHILDREN


def test_every_table_that_is_read_is_built():
    assert len(set(ORDER)) == len(ORDER) and set(ORDER) == set(EVERY)


def test_what_others_refer_to_is_built_before_them():
    assert set(LINKS.values()) | set(CHILDREN) <= set(ORDER)
    visits = max(ORDER.index(name) for name in ("visit_occurrence", "visit_detail"))
    assert all(ORDER.index(name) > visits for name in CHILDREN)
    assert ORDER.index("survey_conduct") < ORDER.index("observation")


def test_what_happens_at_a_visit():
    assert set(CHILDREN) == {
        "condition_occurrence", "drug_exposure", "procedure_occurrence", "device_exposure", "measurement", "observation",
    }  # fmt: skip
