"""Submissions in OMOP form: a folder of tables as CSV or Parquet, with who each person is beside them.

`folder` knows the files, `reading` gives their rows in blocks with the line of each, `judging` says of each row whether
it can be used, `people` finds out whose it is, `staging` keeps what was read so that a killed import goes on from there,
`settling` holds each table's keys together and writes it, `store` is where the tables lie. Nothing counts before
`actions` has put all tables of a submission in place at once.
"""
