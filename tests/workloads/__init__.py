"""Small, real programs that use AWS: what a patch of S3 clients must leave alone."""
