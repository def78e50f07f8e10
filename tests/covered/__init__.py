"""What is automated already, in every form in which people write it."""
