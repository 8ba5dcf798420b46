"""What was written cannot be taken as an answer; the message says why, politely, in the language of the page."""


class Unclear(Exception):
    """`str()` is for the person who wrote it. It never quotes more than a number that they may have meant."""
