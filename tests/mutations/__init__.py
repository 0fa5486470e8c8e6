"""Thousands of broken files, made from real ones by fixed seeds, driven through the program's own path.

``python -m tests.mutations`` runs them; ``corpus`` says what is broken, ``mutate`` how, ``drive`` what is done with it
and what counts as a failure, and ``pool`` keeps each in a process that may crash, hang or eat memory alone.
"""
