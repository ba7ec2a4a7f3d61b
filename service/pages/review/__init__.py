"""The review in a browser: readers answer what a model said, node by node."""
