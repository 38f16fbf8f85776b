"""Broken files from elsewhere: pictures, files of people and archives, mutated by chance."""
