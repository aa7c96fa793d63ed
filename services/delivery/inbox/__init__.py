"""The inbox of contacts inside an app (DEL-14, DEL-52, DEL-96)."""
