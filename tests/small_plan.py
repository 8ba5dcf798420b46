"""A plan file that a program with no census and few people can ask."""

PLAN = """
start = "2027-01"
months = 6
counted = "consented"

[budget]
monthly = 20000

[goals]
people = 300
racial_ethnic_minority_share = 0.3
underrepresented_share = 0.3

[[sites]]
id = "lakeshore-chicago"
hours = 200
languages = { en = 200, es = 100 }

[[areas]]
id = "state:IL"
population = 9_000_000
groups = { BLACK = 0.14, HISP = 0.18, WHITE = 0.6 }
travel = { lakeshore-chicago = 0 }

[[options]]
id = "chicago-clinic"
site = "lakeshore-chicago"
approach = "clinic"
most = 2500
cost = 12

[[options]]
id = "chicago-fair-es"
site = "lakeshore-chicago"
approach = "event"
language = "es"
audience = ["HISP"]
contacts = 150
most = 6
cost = 1800
hours = 8

[assumptions]
caution = 1
"""
