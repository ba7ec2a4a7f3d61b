"""
What a CT, a lymph node and a crop are: the only road from Hounsfield units to network input.

Training and service both walk it. Arrays are (slices, rows, columns), indices (k, j, i), and points are
x, y, z in the DICOM patient system (LPS), in mm.
"""
