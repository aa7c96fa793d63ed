"""What was really sent, as it was: kept while contents of messages are kept, shown to whoever may see it (DEL-1, DEL-23)."""
