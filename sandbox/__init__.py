"""Provider emulators with fault injection, simulated recipients and the mailbox page."""
