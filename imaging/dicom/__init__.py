"""CTs and marked nodes in DICOM instances."""
