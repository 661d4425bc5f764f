"""The commands of `python -m botocore_redirect`, and what they know of botocore's releases."""
