"""Qualitative coding: documents, codebook, codings by coder, and their exchange.

Positions are everywhere Unicode code points in the canonical text of a document (NFC, lines ended
by LF), counted from 0; the end is exclusive, so that ``text[start:end]`` is what was coded.
"""
