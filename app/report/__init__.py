"""Outputs, one file a kind: DICOM SEG, NIfTI, PDF, PNG, JSON. No Qt."""
