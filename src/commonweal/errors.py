"""The two ways in which Commonweal says no; the command line turns them into exit codes 2 and 1."""


class BadInput(Exception):
    """What was given cannot be used. The message says what, where and what to do; it never quotes a person's data."""


class Refused(Exception):
    """A check or a gate said no, for the reason in the message."""
