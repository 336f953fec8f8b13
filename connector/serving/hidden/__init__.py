"""What a page would not show of a text: elements, styles, comments, link definitions."""
