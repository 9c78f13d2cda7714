"""Companies with different sets of systems, and the same truth."""
