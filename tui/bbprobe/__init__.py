"""The probing half: runs inside the training environment and answers over a pipe.

Python 3.7 and newer, torch 1.8 and newer, the standard library only beside torch and friends.
"""
