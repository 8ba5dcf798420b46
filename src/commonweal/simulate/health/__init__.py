"""Health records of simulated people: visits, conditions, drugs, measurements, procedures and deaths over years.

Frequencies are round figures after public statistics (CDC, NHANES); they are meant to look right, not to be cited.
"""
