"""An SMTP relay that answers for each recipient and reports back later."""
