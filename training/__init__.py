import os

# ONNX Runtime would tell its maker about each model and process, and write an identifier of this machine to the disk.
# It is read once, when onnxruntime is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
