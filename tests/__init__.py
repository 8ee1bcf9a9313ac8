"""Tests, in the folders of what they test; servers and fixtures come from conftest.py."""
