"""A request that brings DICOM instances: how they arrive, are looked at, read and refused."""
