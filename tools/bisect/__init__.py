"""`nox -s bisect`: which release of botocore changed the result of a test."""
