"""Is there a cat in the picture?"""
