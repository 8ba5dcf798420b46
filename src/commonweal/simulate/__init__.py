"""Synthetic people at any scale: who they are, what they decide, what they answer, what was written of their health.

The generators are pure (a seed and numbers of people in, Arrow tables out); `load.simulate` brings them in through the
same bulk doors, and past the same gates, as people who joined elsewhere.
"""
