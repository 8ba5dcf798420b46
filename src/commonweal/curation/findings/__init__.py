"""What is found out about single raw rows before the rules: one file a family (see base.py)."""
