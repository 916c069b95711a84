"""Access: all that is held about one person, handed over in a form that people can read."""
