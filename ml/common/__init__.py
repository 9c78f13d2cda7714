"""What every model shares: reading, splitting in time, fitting, judging, explaining, storing."""
