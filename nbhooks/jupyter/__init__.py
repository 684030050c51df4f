"""What knows Jupyter's internals: where the code runs, and how clicks get in while a cell is running."""
