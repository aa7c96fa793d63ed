"""A partner who is told of events by webhooks: takes calls, checks them by the published rule, and shows them."""
