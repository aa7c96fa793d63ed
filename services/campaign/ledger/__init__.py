"""The send ledger: one line per recipient of a run, settled by outcome."""
