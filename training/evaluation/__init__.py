"""Measures the models and writes their figures."""
