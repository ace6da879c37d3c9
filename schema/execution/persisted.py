"""Persisted documents: which document a request means that names it by an identifier.

Apollo's automatic persisted queries, and the identifiers of the appendix of GraphQL over HTTP.
What a caller registers is kept beside its parsed document, within the same bytes, and shared:
whoever knows the hash of a document knows the document. Trusted documents are the operator's.
"""

import hashlib
import re
from collections import Counter

from .documents import Documents
from .errors import RequestError, problem
from .options import Limits, Trusted

PREFIX = "sha256:"
SHA256 = re.compile(r"[0-9a-f]{64}")
HASH = re.compile(r"[0-9a-f]{32,64}")
# Clients send the whole document when they read exactly this.
NOT_FOUND = "PersistedQueryNotFound"
MISMATCH = (
    "The identifier does not belong to `query`: give the SHA-256 of the document, exactly as it is "
    "sent, in lower-case hexadecimal."
)
NOT_TRUSTED = (
    "Only trusted documents run here, and this is none of them: send one exactly as it stands in "
    "the operator's manifest, or its `documentId`. Introspection is refused too."
)


class NotTrusted(RequestError):
    """The document is not one of the operator's; `hash` names it where it has one."""

    def __init__(self, hash: str | None) -> None:
        super().__init__([problem(NOT_TRUSTED, "DOCUMENT_NOT_TRUSTED")])
        self.hash = hash


class Persisted:
    """Finds documents by their identifiers, and registers those that prove theirs."""

    def __init__(self, documents: Documents, limits: Limits, trusted: Trusted) -> None:
        self._documents = documents
        self._longest = limits.characters
        # Also by hash: a client that hashes by itself need not know the identifiers of the build.
        self._trusted = {digest(text): text for text in trusted.texts.values()} | {
            canonical(name): text for name, text in trusted.texts.items()
        }
        self._texts = frozenset(self._trusted.values())
        self.only_trusted = trusted.only
        # What became of identifiers: for the metrics.
        self.counts: Counter[str] = Counter()

    def find(self, query: str, document_id: str | None) -> str:
        """Returns the text of the document that is meant by `query`, by its identifier or by both.

        Raises RequestError when nothing is known by the identifier, when it does not belong to
        `query`, and for a document that is not trusted where only those run.
        """
        text = self._sent(query, document_id) or self._known(document_id or "")
        if self.only_trusted and text not in self._texts:
            self.counts["not_trusted"] += 1
            raise NotTrusted(_shown(query, document_id or ""))
        if text is None:
            raise self._refusal("not_found", NOT_FOUND, "PERSISTED_QUERY_NOT_FOUND")
        return text

    def find_public(self, query: str, document_id: str | None) -> str | None:
        """Does the same for a caller without a token; None for what needs one.

        Identifiers do: nobody learns without a token what others have registered.
        """
        text = self._sent(query, document_id)
        return None if self.only_trusted and text not in self._texts else text

    def register(self, text: str, document_id: str) -> None:
        """Remembers a document under the identifier that `find` has checked."""
        if document_id not in self._trusted and self._documents.register(text, document_id):
            self.counts["registered"] += 1

    def _known(self, document_id: str) -> str | None:
        text = self._trusted.get(document_id)
        if text is not None:
            self.counts["trusted"] += 1
            return text
        text = self._documents.text_of(document_id)
        if text is not None:
            self.counts["found"] += 1
        return text

    def _sent(self, query: str, document_id: str | None) -> str:
        # What is too long is refused for that; hashing it first would be work without a bound.
        if query and document_id is not None and len(query) <= self._longest:
            known = self._trusted.get(document_id) or self._documents.text_of(document_id)
            if query != known and digest(query) != document_id:
                code = "PERSISTED_QUERY_HASH_MISMATCH"
                raise self._refusal("mismatch", MISMATCH, code)
        return query

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


def _shown(query: str, document_id: str) -> str | None:
    """A hash for the log; None for an identifier that could be anything, and so personal data."""
    if query:
        return digest(query)
    return document_id if HASH.fullmatch(document_id) else None
