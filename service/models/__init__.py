"""The models of a server: found in a folder, lent to calls, replaced while they answer, and compared."""
