"""Genotypes of a variant with one alternate allele, by how many copies of it somebody has; one copy of one is 1/1."""

from typing import Literal, get_args

Genotype = Literal["0/0", "0/1", "1/1"]
GENOTYPES: tuple[Genotype, ...] = get_args(Genotype)
