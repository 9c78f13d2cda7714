"""Which records are the same company: measured on the truth, and on traps."""
