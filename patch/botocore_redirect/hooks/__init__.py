"""The hooks: what is replaced in botocore, when, and how it is restored."""
