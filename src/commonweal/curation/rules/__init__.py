"""The rules of curation, one file a family; a tier is an ordered list of them (see tiers.py)."""
