"""summae inside other libraries."""
