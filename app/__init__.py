"""Scoutview: a desktop DICOM viewer with built-in AI. Research use only; not for diagnosis."""

RESEARCH_USE = "Research use only. Not for diagnosis."
"""The line that every screen and report with AI on it carries."""
