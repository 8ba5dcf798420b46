"""The public tier: numbers of people and nothing else, made of the registered tier and passed through the gate."""

PUBLIC, SOURCE = "public", "registered"  # the tier, and the one that it is made of
