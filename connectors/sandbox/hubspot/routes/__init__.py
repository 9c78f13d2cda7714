"""The stand-in's addresses, by area of the API."""
