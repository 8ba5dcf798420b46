"""Two harder expressions over Eunomia: with rules, windows, groups, counts, exclusions, limits and censoring."""

from tests.circe_expressions import (
    CELECOXIB,
    DICLOFENAC,
    GASTRO,
    SINUSITIS,
    concept_set,
    correlated,
    expression,
    group,
    item,
    rule,
    window,
)

SETS = [
    concept_set(0, item(GASTRO)),
    concept_set(1, item(CELECOXIB), item(DICLOFENAC)),
    concept_set(2, item(SINUSITIS, descendants=False)),
]
BLED, DRUG, SINUS = (
    {kind: {"CodesetId": number}}
    for kind, number in (("ConditionOccurrence", 0), ("DrugExposure", 1), ("ConditionOccurrence", 2))
)
NEW_USERS_WHO_BLED = expression(
    DRUG,
    sets=SETS,
    prior=365,
    primary="First",
    InclusionRules=[
        rule("adult", group("ALL", demographics=[{"Age": {"Value": 40, "Op": "gte"}}])),
        rule("bled within two years", group("ALL", correlated(BLED, window(1, 730)))),
        rule("no drug before", group("ALL", correlated(DRUG, window(None, -1), kind=0, count=0))),
    ],
    CensoringCriteria=[BLED],
)
BLEEDS_AFTER_SINUSITIS = expression(
    BLED,
    sets=SETS,
    kept="First",
    AdditionalCriteria=group(
        "AT_LEAST",
        correlated(SINUS, window(-3650, 0), count=2),
        correlated(DRUG, window(0, 30, UseIndexEnd=True), IgnoreObservationPeriod=True),
        demographics=[{"Gender": [{"CONCEPT_ID": 8532}]}],
        count=2,
    ),
    qualified="All",
    CensorWindow={"EndDate": "2005-12-31"},
)
