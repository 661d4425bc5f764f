"""Servers for tests that need more than scripted answers."""
