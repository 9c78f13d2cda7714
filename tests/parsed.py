"""Where the processes of a session share what dbt has parsed."""

PARSED = "TESTS_PARSED_PROJECTS"
"""Variable with the folder."""
