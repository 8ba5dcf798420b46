"""Risk of a release as the bridge tells it to the portal, for tests of the page. Run in the PORTAL zone."""

from datetime import UTC, date, datetime

from commonweal.protocol.risk import ATTACKS

STEPS = ((1, 1), (2, 4), (5, 10), (11, 19), (20, 99), (100, None))
WHY = {"en": "Among few people every group is small.", "es": "Entre pocas personas todos los grupos son pequeños."}


def sizes(*people):
    return [{"from": low, "to": high, "people": n} for (low, high), n in zip(STEPS, people, strict=True)]


def attack(name, success, chance=1 / 364):
    return {"id": name, "knows": [], "targets": 200, "success": success, "chance": chance}


def judged(name, figure, limit, outcome):
    return {"id": name, "figure": figure, "limit": limit, "outcome": outcome}


def measured(*, small=False, census=True, over=False):
    """Figures of a large program; of a `small` one; against a census or not; with a limit that is exceeded."""
    beyond = "not_applied" if small else "over" if over else "within"
    population = {
        "version": "2022", "source": "American Community Survey", "people": 41_960, "not_counted": 40, "smallest": 23.5,
        "below": 0, "journalist": 0.042, "marketer": 0.00017, "sizes": sizes(0, 0, 0, 0, 900, 41_060),
    }  # fmt: skip
    return {
        "attacker": "knows_of_membership",
        "knows": ["year_of_birth", "sex_at_birth", "race", "ethnicity", "state_of_residence"],
        "people": 42_000, "groups": 2_200, "smallest_group": 1, "people_alone": 7, "small_group": 11, "small_share": 0.11,
        "expected": 0.77 if small or over else 0.052, "worst": 1.0, "sizes": sizes(407, 1_400, 2_800, 5_000, 20_000, 12_393),
        "population": population if census else None,
        "sensitive": [
            {"id": "mental_health", "distinct": 1, "entropy": 1.0, "closeness": 0.7025, "disclosed": 58, "together": 12},
            {"id": "income", "distinct": 2, "entropy": 1.9, "closeness": 0.99, "disclosed": 300, "together": 251},
        ],
        "attacks": [attack(n, s) for n, s in zip(ATTACKS, (0.97, 0.28, 0.0, 0.031, 0.35, 0.0, 0.0005, 0.99), strict=True)],
        "judged": [
            judged("expected", 0.77 if small or over else 0.052, 0.09, beyond), judged("alone", 0.0097, 0.05, "within"),
            *([judged("population_small", 0.0, 0.001, "within")] if census else []),
            judged("attack.tail", 0.0, 0.02, "within"), judged("attack.calendar", 0.031, 0.05, "within"),
        ],
        "exemption": {"below": 10_000, "why": WHY} if small else None,
    }  # fmt: skip


def add(release="2026Q4R1", tier="registered", **how):
    from commonweal.vault.staff.models import ReleaseRisk

    at = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
    found = measured(**how)
    return ReleaseRisk.objects.create(
        release=release, tier=tier, data_cutoff=date(2026, 11, 25), measured=found, checked_at=at
    )
