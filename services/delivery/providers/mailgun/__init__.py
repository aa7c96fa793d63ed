"""Mailgun: e-mail by batches with recipient variables, events by a webhook that signs its token, not its body."""
