"""What is told back to who sent health records: how good they are, submission by submission.

`examination` is pure: OMOP tables in, figures out, each table read once. `telling` puts them in a report file beside what
the import said, compares them with the site's report before, and never stands in the way of an import.
"""
