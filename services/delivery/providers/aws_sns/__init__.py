"""Texts by Amazon: SNS, whose delivery is read from its logs, or End User Messaging, which tells by notifications."""
