"""Commonweal: run a precision-medicine research cohort, from the first hello to the published finding."""

__version__ = "0.1.0"
