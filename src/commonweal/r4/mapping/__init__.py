"""FHIR R4 resources as rows of EVENT_SCHEMA, by a mapping that is declared in data and runs set by set in DuckDB.

`types/NAME.toml` says for one type of resource, column by column, from which elements it is read and how. A program's
own elements and local code systems come from files of the same form in its protocol folder. What is not declared is no
health event and is kept out: claims, care plans, goals, and what describes no person (Organization, Practitioner, …).
Resources entered in error, or that say that something was not done, are read: their status tells, and is kept.
"""
