"""Suggestions of who an unmatched record might be; people decide, no linking model reads them."""
