"""Analyses of a release. Each answers with a result that holds its numbers as a table and can draw itself."""
