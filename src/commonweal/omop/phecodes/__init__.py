"""Phecodes: groups of diagnosis codes that phenome-wide scans test, version 1.2 and X.

A map is imported with the vocabularies of a program (`vocabulary import`) or read from a folder of its published files.
Sources: Bastarache, Annu Rev Biomed Data Sci 2021 (phecode 1.2); Shuey and others, Bioinformatics 2023 (phecode X).
"""

from commonweal.omop.phecodes.files import read
from commonweal.omop.phecodes.map import VERSIONS, PhecodeMap
from commonweal.omop.phecodes.storing import load, save

__all__ = ["VERSIONS", "PhecodeMap", "load", "read", "save"]
