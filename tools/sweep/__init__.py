"""`nox -s sweep`: run one release of every class of botocore that no cell of the matrix runs."""
