"""What operators' commands about delivery share."""
