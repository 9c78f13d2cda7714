"""Sources, the runner that reads them, destinations, and the stand-ins of the vendors' APIs."""
