"""What is measured rather than tested: how much of the zoo can be swapped, and whether what was swapped learns."""
