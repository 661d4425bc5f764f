"""Compare what every operation of AWS sends and returns, patched and unpatched.

PYTHONPATH=tests python -m inert --help
"""
