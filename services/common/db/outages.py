"""Tells an unreachable database from a statement that failed in a reachable one."""

import psycopg

_CLASSES = ("08", "53")
"""Connection exceptions, insufficient resources."""

_SHUTDOWNS = ("57P01", "57P02", "57P03", "57P04", "57P05")


def is_outage(error: BaseException) -> bool:
    """Returns whether repeating the same work later may succeed because the database itself was the trouble."""
    if not isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return False
    state = error.sqlstate
    return state is None or state[:2] in _CLASSES or state in _SHUTDOWNS
