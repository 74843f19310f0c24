"""A whole model on disk, what computes it, and its ONNX form."""
