"""The stand-in for the customer's own app: a contact's inbox as a page, read and changed by RPC like any app's."""
