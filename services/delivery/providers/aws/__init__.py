"""What adapters of Amazon's services share: signatures, regions, errors."""
