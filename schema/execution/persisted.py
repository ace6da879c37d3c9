"""Persisted documents: which document a request means that names it by an identifier.

Apollo's automatic persisted queries, and the identifiers of the appendix of GraphQL over HTTP.
What a caller registers is kept beside its parsed document, within the same bytes, and shared:
whoever knows the hash of a document knows the document.
"""

import hashlib
import re
from collections import Counter

from .documents import Documents
from .errors import RequestError, problem
from .options import Limits

PREFIX = "sha256:"
SHA256 = re.compile(r"[0-9a-f]{64}")
# Clients send the whole document when they read exactly this.
NOT_FOUND = "PersistedQueryNotFound"
MISMATCH = (
    "The identifier is not the SHA-256 of `query` in lower-case hexadecimal: hash the document "
    "exactly as it is sent."
)


class Persisted:
    """Finds documents by their identifiers, and registers those that prove theirs."""

    def __init__(self, documents: Documents, limits: Limits) -> None:
        self._documents = documents
        self._longest = limits.characters
        # What became of identifiers: for the metrics.
        self.counts: Counter[str] = Counter()

    def find(self, query: str, document_id: str) -> str:
        """Returns the text of the document; `query` is empty unless that was sent too.

        Raises RequestError when nothing is known by the identifier, or `query` is another document.
        """
        if query:
            self._ensure_match(query, document_id)
            return query
        text = self._documents.text_of(document_id)
        if text is None:
            raise self._refusal("not_found", NOT_FOUND, "PERSISTED_QUERY_NOT_FOUND")
        self.counts["found"] += 1
        return text

    def find_public(self, query: str, document_id: str) -> str | None:
        """Does the same for a caller without a token, who finds nothing that others registered."""
        if query:
            self._ensure_match(query, document_id)
        return query or None

    def register(self, text: str, document_id: str) -> None:
        """Remembers a document under the identifier that `find` has checked."""
        if self._documents.register(text, document_id):
            self.counts["registered"] += 1

    def _ensure_match(self, query: str, document_id: str) -> None:
        # What is too long is refused for that; hashing it first would be work without a bound.
        if len(query) > self._longest or self._documents.text_of(document_id) == query:
            return
        if digest(query) != document_id:
            raise self._refusal("mismatch", MISMATCH, "PERSISTED_QUERY_HASH_MISMATCH")

    def _refusal(self, outcome: str, message: str, code: str) -> RequestError:
        self.counts[outcome] += 1
        return RequestError([problem(message, code)])


def canonical(document_id: str) -> str:
    """Returns an identifier without the prefix that says it is a SHA-256."""
    payload = document_id.removeprefix(PREFIX)
    return payload if SHA256.fullmatch(payload) else document_id


def digest(text: str) -> str:
    """Returns the SHA-256 of a document; a lone surrogate, which JSON may carry, is hashed too."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
