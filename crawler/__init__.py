"""The world to articles: catalogue, fetching, extraction, normalising."""
