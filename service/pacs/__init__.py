"""A bridge from a picture archive to the service and back."""
