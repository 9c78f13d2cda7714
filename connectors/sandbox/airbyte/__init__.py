"""A stand-in for an Airbyte server: its public API, and what of the configuration API is used."""
