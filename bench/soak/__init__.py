"""The whole product at the capacity of a machine for minutes, then beyond it: what it uses, how long calls take, what is lost."""
