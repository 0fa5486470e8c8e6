"""DICOM files in, ``Study``/``Series`` and truthful pixels out. Knows nothing of windows on a screen."""
