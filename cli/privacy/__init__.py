"""Requests of people about their data, as the command line makes and shows them."""
