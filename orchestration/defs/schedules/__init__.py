"""Jobs, the daily schedule and the failure sensor."""
