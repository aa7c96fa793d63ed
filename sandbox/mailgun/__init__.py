"""Mailgun's face of the sandbox: messages with recipient variables, the domain, the webhooks."""
