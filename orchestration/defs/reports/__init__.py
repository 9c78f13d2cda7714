"""The generated reports."""
