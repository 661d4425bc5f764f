"""The releases of botocore: which there are, what of them is the same code, and what was run."""
