"""What events mean for wallet passes: those of tickets that were bought are offered, others are voided or changed."""
