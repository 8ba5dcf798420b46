"""OHDSI cohort expressions for tests, with what ATLAS writes around them left out."""

GASTRO, SINUSITIS = 192671, 40481087
CELECOXIB, DICLOFENAC, ACETAMINOPHEN = 1118084, 1124300, 1125315


def item(number, *, descendants=True, excluded=False, mapped=False):
    concept = {"CONCEPT_ID": number, "CONCEPT_NAME": f"concept {number}", "STANDARD_CONCEPT": "S", "DOMAIN_ID": "Drug"}
    return {
        "concept": concept,
        "isExcluded": excluded,
        "includeDescendants": descendants,
        "includeMapped": mapped,
    }


def concept_set(number, *items):
    return {"id": number, "name": f"set {number}", "expression": {"items": list(items)}}


def window(start=None, end=None, **more):
    """Days after the event at hand; None is open."""

    def edge(days, side):
        return {"Days": None if days is None else abs(days), "Coeff": side if days is None else -1 if days < 0 else 1}

    return {"Start": edge(start, -1), "End": edge(end, 1), "UseEventEnd": False} | more


def correlated(criteria, start_window=None, *, kind=2, count=1, **more):
    occurrence = {"Type": kind, "Count": count} | more.pop("occurrence", {})
    return {"Criteria": criteria, "StartWindow": start_window or window(), "Occurrence": occurrence} | more


def group(kind, *criteria, count=None, demographics=(), groups=()):
    made = {
        "Type": kind,
        "CriteriaList": list(criteria),
        "DemographicCriteriaList": list(demographics),
        "Groups": list(groups),
    }
    return made | ({} if count is None else {"Count": count})


def expression(*entry, sets=(), primary="All", qualified="First", kept="All", prior=0, post=0, **more):
    return {
        "cdmVersionRange": ">=5.0.0",
        "PrimaryCriteria": {
            "CriteriaList": list(entry),
            "ObservationWindow": {"PriorDays": prior, "PostDays": post},
            "PrimaryCriteriaLimit": {"Type": primary},
        },
        "ConceptSets": list(sets),
        "QualifiedLimit": {"Type": qualified},
        "ExpressionLimit": {"Type": kept},
        "InclusionRules": [],
        "CensoringCriteria": [],
        "CollapseSettings": {"CollapseType": "ERA", "EraPad": 0},
        "CensorWindow": {},
    } | more


def rule(name, expression):
    return {"name": name, "expression": expression}
