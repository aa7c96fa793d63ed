"""Texts by MSG91: templates registered in India, many recipients in a request, delivery reports that nobody signs."""
