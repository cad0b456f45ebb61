"""A word, in a stream of sound: from recordings to a detector that runs on a device."""
