"""Criteria of type genome: predicted ancestry from the table `ancestry`, genotypes from the call sets beside the tables."""

from collections.abc import Sequence

import ibis.expr.types as ir

from commonweal.commons.cohort.criteria import GenomeCriterion
from commonweal.commons.release import Release
from commonweal.errors import BadInput
from commonweal.genomics import variant
from commonweal.genomics.genotype import GENOTYPES

ANCESTRY = "ancestry"
PREDICTED = "ancestry_pred_other"  # the label of more than 75 % probability, else oth


def matching(release: Release, units: ir.Table, criterion: GenomeCriterion) -> ir.Table:
    """The units (person_id, …) for whom all of it holds. Raises BadInput where the release has no such data."""
    kept = units
    if criterion.ancestry is not None:
        kept = kept.semi_join(of_ancestry(release, criterion.ancestry), "person_id")
    if criterion.variant is not None:
        known = release.genotypes_at(variant.parse(criterion.variant))
        asked = known.copies.isin([GENOTYPES.index(genotype) for genotype in criterion.genotype])
        kept = kept.semi_join(known.filter(asked), "person_id")
    return kept


def of_ancestry(release: Release, wanted: Sequence[str]) -> ir.Table:
    """person_id of people of one of these ancestries."""
    if not release.has(ANCESTRY, PREDICTED):
        raise BadInput(f"ancestry: release {release.name} has no table {ANCESTRY} with {PREDICTED}; leave it out")
    table = release.table(ANCESTRY)
    return table.filter(table[PREDICTED].isin(wanted))[["person_id"]]
