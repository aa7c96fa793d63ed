"""Postmark's face of the sandbox: the e-mail API, the message search and the webhooks."""
