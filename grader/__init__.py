"""Grading and verification of mathematical homework."""

__version__ = "0.1.0"
