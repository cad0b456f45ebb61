"""Machine translation with attention: from human dates to a real pair of languages."""
