"""Headless image analysis: volumes, models on disk, and the engine that runs them.

No Qt, no DICOM; importing this package does not import torch.
"""
