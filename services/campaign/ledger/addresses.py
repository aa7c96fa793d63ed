"""Where the address of a channel stands among the columns of a contact."""

ADDRESS_COLUMNS = {1: "c.email", 2: "c.phone", 3: "c.phone"}
"""Where the address of a channel stands; push and in-app items need none."""


def address_sql(channel: int) -> str:
    """Returns the SQL of a contact's address on a channel; empty text where none is needed."""
    return ADDRESS_COLUMNS.get(channel, "''")
