"""Message facts: one row per message, the base of every figure."""
