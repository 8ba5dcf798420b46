"""Genotypes of a release: call sets as PLINK files beside the tables, found by variant.

    genotypes/KIND/NAME.pgen, NAME.pvar or NAME.pvar.zst, NAME.psam      PLINK 2
    genotypes/KIND/NAME.bed, NAME.bim, NAME.fam                           PLINK 1

KIND is array or wgs. IID is the release's person_id. A call set may lie in several files, by chromosome or by parts of
people. Each variant has one alternate allele; a site with several is split.
"""

from commonweal.commons.genotypes.call_sets import CallSets

__all__ = ["CallSets"]
