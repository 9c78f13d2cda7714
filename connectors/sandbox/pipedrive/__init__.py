"""A stand-in of Pipedrive: one company's records, over HTTP."""
