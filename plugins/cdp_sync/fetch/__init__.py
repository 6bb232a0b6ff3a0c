"""What is due, read and landed."""
