"""The rules, pure: what becomes of a redirect. Nothing here imports botocore."""
