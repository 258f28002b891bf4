"""Whether all that bbwizard does on a GPU is right on this one."""
