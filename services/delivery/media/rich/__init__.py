"""Images, videos, buttons and cards as html, text and AMP (DEL-98, DEL-99)."""
