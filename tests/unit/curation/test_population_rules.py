"""Which rules depend on who else is in a release, and that a difference names those of its own rules alone."""

from commonweal.curation.difference import population_rules, reasons
from commonweal.curation.tiers import TIERS

HEAD = dict.fromkeys(("data_cutoff", "known_at", "protocol", "software", "vocabulary", "reference"), "same")
NOBODY = {"lost": {}, "gained": {}}


def _manifest(*rules):
    return HEAD | {"rules": [{"id": rule, "version": 1} for rule in rules]}


def test_they_say_so_themselves_and_alike_in_every_tier():
    told = {(rule.id, rule.others) for tier in TIERS.values() for rule in tier.rules if rule.id in population_rules()}
    assert dict(told) == population_rules() and len(told) == len(population_rules())
    assert population_rules().keys() == {
        "generalise.state", "identifiers.devices", "identifiers.sources", "quality.only_zero", "quality.weights",
        "wearables.models",
    }  # fmt: skip


def test_a_difference_names_those_that_made_the_later_release():
    same = _manifest("dates.trim", "quality.weights")
    assert reasons(same, same, NOBODY) == [
        "quality.weights depends on who else is there: weights are judged by those of others at the site"
    ]
    assert reasons(_manifest("dates.trim"), _manifest("dates.trim"), NOBODY) == []
    changed = reasons(same, _manifest("dates.trim"), NOBODY | {"lost": {"withdrew": 1}})
    assert changed == ["people left: all their rows are gone", "rules changed: quality.weights"]
