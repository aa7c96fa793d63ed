"""The ledger: the trail of consents as chains of hashes, and the proof of it."""
