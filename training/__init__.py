"""Training, evaluation and export of the bundled models. Stands on ``inference``; imports neither Qt nor DICOM."""
