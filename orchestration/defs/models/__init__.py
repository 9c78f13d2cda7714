"""Training and scoring."""
