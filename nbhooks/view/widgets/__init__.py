"""What runs in the page: ES modules, a style sheet, and their Python ends."""
