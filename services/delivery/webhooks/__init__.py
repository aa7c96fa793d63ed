"""Telling tenants of events by signed calls to addresses of theirs (DEL-13, DEL-47 to DEL-51, DEL-92 to DEL-95)."""
