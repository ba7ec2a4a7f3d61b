"""The Open Inference Protocol, version 2, as KServe, Triton and their clients speak it: bare networks on crops."""
