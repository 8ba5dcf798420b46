"""Figures of places: counted from the kept table, through the gate, stored, and published once a day."""
