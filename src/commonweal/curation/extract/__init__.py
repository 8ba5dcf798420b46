"""Vault -> raw OMOP: Parquet tables of everyone who takes part, of what their grants let through, and of nothing else."""

from commonweal.curation.extract.run import Moment, RawExtract, extract

__all__ = ["Moment", "RawExtract", "extract"]
