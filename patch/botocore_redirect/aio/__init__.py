"""The same for aiobotocore: the attempt awaited, and its http back ends kept from following."""
