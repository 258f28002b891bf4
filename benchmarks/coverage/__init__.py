"""Every base config and every backbone of a training environment, put through what a user's swap goes through."""
