"""Prescriptions: amounts that can be, and the route that the form of a drug tells."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables


def _amounts(rows: Rows) -> Rows:
    limits = rows.facts.privacy.records
    return rows.remove((rows.table.refills > limits.most_refills) | (rows.table.days_supply > limits.most_days_supply))


def _routes(rows: Rows) -> Rows:
    route = rows.table.route_concept_id
    untold = route.fill_null(0) == 0
    return rows.change({"route_concept_id": ibis.ifelse(untold, ibis.coalesce(rows.table.p_route, route), route)})


RULES = (
    Rule(
        "quality.drug_amounts",
        1,
        "Reference 2, DrugRefillsDaysSupply",
        "Prescriptions with more than 10 refills (most_refills) or for more than 180 days (most_days_supply) go.",
        _amounts,
        tables("drug_exposure"),
        reason="Larger numbers are other numbers in the wrong place, such as pills or milligrams.",
        parameters=("records.most_refills", "records.most_days_supply"),
    ),
    Rule(
        "quality.routes",
        1,
        "Reference 2, PopulateRouteIds",
        "Where a row does not say how a drug is taken, the dose form of the drug does: a tablet to swallow by mouth, a"
        " cream on the skin. Which form means which route is a table of the program (dose_form_routes).",
        _routes,
        tables("drug_exposure"),
        reason="The form says it as surely, and most sites send no route.",
        parameters=("reference dose_form_routes",),
    ),
)
