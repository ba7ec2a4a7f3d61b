import os

# gRPC's core writes lines of its own to stderr, which are no JSON and name who called. An operator who looks for the
# cause of a failed handshake sets GRPC_VERBOSITY=INFO. It is read once, when grpc is imported.
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

# ONNX Runtime would tell its maker about each model and process, and write an identifier of this machine to the disk.
# It is read once, when onnxruntime is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
