"""The languages of the pages for visitors: which there are, which one is chosen, its texts."""
