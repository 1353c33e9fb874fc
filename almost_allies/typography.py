"""Text as it is set."""
import re


def typographic(text: str) -> str:
    """The text with curly quotation marks and apostrophes, as the prose around it has them."""
    text = re.sub(r"(^|[\s(\[])\"", r"\1“", text.strip()).replace('"', "”")
    return re.sub(r"(^|[\s(\[“])'", r"\1‘", text).replace("'", "’")
