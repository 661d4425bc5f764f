"""What the patch costs and does, measured beside stock boto3 and beside its peer."""
