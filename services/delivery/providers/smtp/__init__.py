"""SMTP: e-mail to any relay over kept-open connections, bounces by mail to the return path."""
