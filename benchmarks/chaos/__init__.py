"""Sittings of the wizard whose probing half misbehaves."""
