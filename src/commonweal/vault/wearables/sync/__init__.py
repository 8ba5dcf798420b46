"""Reading a provider's data day by day: back to the day of the permission, and on with each day that comes.

`rules` says what is to be read when, `client` asks the provider, `reading` makes days of its answers, `run` does it for
those whose time has come.
"""
