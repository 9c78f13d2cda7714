"""The addresses of Pipedrive's API, by area."""
