"""What holds whoever asks: life cycle, errors, links, clock. Knows no Strawberry and no face."""
