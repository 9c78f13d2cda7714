"""What other rules of the health score would change."""
