"""Every operation of S3's model, and Locations that keep or lose what it says."""
