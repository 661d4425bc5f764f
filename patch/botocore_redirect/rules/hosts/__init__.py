"""Whose host is it: addresses, names of AWS, public suffixes, and the trust in a target."""
