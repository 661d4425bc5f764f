"""What the sessions of noxfile.py do."""
