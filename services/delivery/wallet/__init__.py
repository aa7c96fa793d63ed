"""Wallet passes of tickets, and the codes that prove a ticket (DEL-17, DEL-55, DEL-56)."""
