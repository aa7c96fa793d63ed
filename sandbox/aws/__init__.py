"""What the faces of Amazon's services share: signatures of callers, refusals, notifications and their certificate."""
