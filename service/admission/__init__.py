"""What a server takes on, and what it refuses."""
