"""Other people's text on a terminal: escape sequences in names, notes and errors are shown, not obeyed."""


def harmless(text: str) -> str:
    """The text with control characters other than newline and tab replaced by U+FFFD."""
    return "".join(character if is_harmless(character) else "\N{REPLACEMENT CHARACTER}" for character in text)


def is_harmless(character: str) -> bool:
    """Control characters are C0, DEL and C1; lone surrogates cannot be printed at all."""
    number = ord(character)
    is_control = number < 0x20 or 0x7F <= number < 0xA0
    return character in "\n\t" or not (is_control or 0xD800 <= number <= 0xDFFF)
