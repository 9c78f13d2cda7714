"""The assets, checks, jobs, schedules and sensors, one folder for each area."""
