"""Published architectures in miniature: random weights, the real processors, tiny vocabularies.

Each is saved as a download is laid out, to be read back by the code that reads a download.
"""
