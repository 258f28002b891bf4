"""The steps and dialogs of the wizard."""
