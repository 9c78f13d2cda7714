"""A stand-in of Intercom: companies, people, conversations with their parts, and search."""
