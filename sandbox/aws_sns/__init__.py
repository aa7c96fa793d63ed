"""The faces of Amazon SNS and of End User Messaging for texts, and of the logs in which SNS tells what became of them."""
