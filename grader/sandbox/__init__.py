"""Runs student code where it can reach nothing: plain values in, plain values out."""
