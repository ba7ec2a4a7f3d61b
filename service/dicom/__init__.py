"""Findings as DICOM objects that belong to the study they were made of."""
