"""How an organization can be reached: the text that its operator gave, and where it leads."""

import re
from urllib.parse import quote, urlsplit

# Deliberately narrow: what is not clearly one of these is shown as text, which harms nobody.
MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{3,30}")
LEAST_DIGITS = 5
HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")


def mail_of(contact: str | None) -> str | None:
    """Returns the contact when it is an e-mail address, and nothing else."""
    return contact if contact and MAIL.fullmatch(contact) else None


def address_of_contact(contact: str | None) -> str | None:
    """Returns a `mailto:`, `tel:` or `https:` address for a contact that is one; None otherwise."""
    if not contact:
        return None
    if MAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@')}"
    if PHONE.fullmatch(contact):
        number = re.sub(r"[^0-9+]", "", contact)
        return f"tel:{number}" if len(number) >= LEAST_DIGITS else None
    return _page(contact)


def _page(contact: str) -> str | None:
    try:
        parts = urlsplit(contact)
    except ValueError:
        return None
    is_page = parts.scheme == "https" and HOST.fullmatch(parts.netloc)
    return quote(contact, safe="%/:=&?~#+!$,;'@()*[]") if is_page else None
