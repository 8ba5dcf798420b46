"""The page of all rules is made of the rules, and every rule says what it is for and has a test of its own."""

from pathlib import Path

import pytest

from commonweal.curation.tiers import TIERS
from tests.spec.curation import documents, examples

RULES = {rule.id: rule for tier in TIERS.values() for rule in tier.rules}
TESTS = "".join(p.read_text(encoding="utf-8") for p in sorted(Path(__file__).parent.rglob("test_*.py")))


@pytest.mark.skipif(examples.WRITING, reason="it is being written")
def test_the_page_says_what_the_rules_do():
    assert documents.PAGE.read_text(encoding="utf-8") == documents.page()


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_says_why_and_is_tested(rule_id):
    rule = RULES[rule_id]
    assert rule.source and rule.explanation.endswith(".") and rule.reason.endswith(".")
    assert f'"{rule_id}"' in TESTS


def test_parameters_are_those_of_the_program():
    for tier in TIERS.values():
        for rule in tier.rules:
            for name in rule.parameters:
                documents.value_of(documents.PRIVACY.tier(tier.name), name)
