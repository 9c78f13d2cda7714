"""Raw tables, one asset a stream."""
