"""The recording provider: hands nothing over and remembers everything, for tests and rehearsals."""
