"""Survey responses of simulated people: what follows from who they are (said.py), the rest (blank.py), documents."""
