"""Who counts as underrepresented, by category: pure rules, made from representation.toml and its reference tables.

A rule looks at what was said as tokens: each answer to a question it looks at is one token or none, so that a million people
have few different sets of them, and each set is judged once. The same rule judges one person.
"""

from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, UBR, Facts, Rule
from commonweal.vault.representation.rules.made import OVERALL, Rules, rules_of

__all__ = ["NOT_ANSWER", "OVERALL", "RBR", "UBR", "Facts", "Rule", "Rules", "rules_of"]
