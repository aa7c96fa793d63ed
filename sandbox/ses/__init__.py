"""The face of Amazon SES (v2): single and bulk requests, the account, its events."""
