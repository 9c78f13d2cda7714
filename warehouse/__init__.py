"""The leaf that everything else may import: settings, database, migrations, clock, run lock."""
