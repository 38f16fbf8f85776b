"""What is learned from people's pictures: aligned crops, classifiers, a metric, a probability."""
