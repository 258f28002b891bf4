"""What the libraries of the two stacks answered when the atlas was made, shipped with bbwizard."""

from bbwizard.atlas.book import Atlas, shelf
from bbwizard.atlas.half import AtlasHalf

__all__ = ["Atlas", "AtlasHalf", "shelf"]
