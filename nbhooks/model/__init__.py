"""What one run of a graph reports and is asked to do; knows neither TensorFlow nor Jupyter nor pandas."""
