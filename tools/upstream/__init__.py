"""botocore's and s3transfer's own tests, without and with the patch: `nox -s upstream`."""
