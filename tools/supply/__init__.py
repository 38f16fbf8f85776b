"""What the program is made of: the packages that it needs, and their licences."""
