"""The guards: what in this process is not stock botocore, and who changed it."""
