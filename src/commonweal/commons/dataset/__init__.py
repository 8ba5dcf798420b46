"""Datasets: concept sets, and tables of a cohort made from them: rows of OMOP tables, and features of each person."""
