"""Inertness for all of AWS: what every operation sends and returns, patched and unpatched.

PYTHONPATH=tests python -m inert --help
"""
