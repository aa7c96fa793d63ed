"""The checks of `angarium doctor`: each says what is wrong and the exact command that mends it."""
