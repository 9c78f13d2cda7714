"""The stand-ins, tried with the vendors' own clients."""
