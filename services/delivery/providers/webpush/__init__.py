"""Web Push: encrypted for each browser (RFC 8291), signed by the account's key (RFC 8292), posted where it says."""
