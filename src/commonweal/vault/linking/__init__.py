"""What rooms share that link a person's account elsewhere: OAuth, tokens sealed, polite asking, cutting and telling."""
