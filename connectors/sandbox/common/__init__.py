"""What the stand-ins of all vendors share."""
