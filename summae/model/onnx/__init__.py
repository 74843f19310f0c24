"""The ONNX form of a trained model: written by ``export``."""
