"""botocore's own tests, once as they are and once with the patch: `nox -s upstream`."""
