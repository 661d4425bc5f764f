"""Every operation of S3's model, with Locations that keep or change its meaning."""
