"""What submissions in OMOP form are called, in the database and in the matching of persons."""

FORMAT = "omop"
