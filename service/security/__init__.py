"""Who may reach the server, and what a client shows it."""
