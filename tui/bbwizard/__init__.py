"""bbwizard: an MMDetection 2.x config with the backbone you want, probed, wired, written and checked."""

__version__ = "0.1.0"
