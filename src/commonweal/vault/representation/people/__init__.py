"""Everybody as figures count them, one row a person: gathered from facts in one pass, and kept as one Parquet file."""
