"""Searches, a page at a time, each to its proven end: a search that the server ended early never passes for a complete one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from adinspect.directory import SECRET_ATTRIBUTES, Scope, Search, entries, requests, results
from adinspect.directory.ber import MalformedError
from adinspect.directory.channel import Answer, Channel, EndedError
from adinspect.directory.entries import VALUES, Entries
from adinspect.directory.ranges import base_name, range_of
from adinspect.errors import ConfigurationError, IncompleteError
from adinspect.search_filter import parse

DESCRIPTOR = "ntsecuritydescriptor"

EMPTY_PAGES = 1000
"""Pages without an entry in a row: a server that searches long may send some, one that never ends sends nothing else."""

LARGEST_ATTRIBUTE = 1 << 30
"""Octets of all values of one attribute of one entry: an Arrow array of them holds twice as many."""

_ANYTHING = parse("(objectClass=*)")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CHANGED = "The entry may have changed while it was read. Run it again."


class Searcher:
    """Searches over a signed-in connection; `references` counts those to other servers, which are not followed.

    `source` is what a person calls the server. `time_limit` is how many seconds it has for each page, `domain_scope` whether it
    knows that control.
    """

    def __init__(self, channel: Channel, source: str, *, page_size: int, time_limit: float, domain_scope: bool = False) -> None:
        self._channel = channel
        self._source = source
        self._page_size = page_size
        self._time_limit = time_limit
        self._domain_scope = domain_scope
        self.references = 0

    def search(self, search: Search) -> Iterator[pa.RecordBatch]:
        """Yield entries a page at a time (Directory.search).

        Raises:
            ValueError: an attribute is secret, or is no attribute's name.
            ConfigurationError: the base does not exist.
            IncompleteError: the server ended the search before its end. What was yielded before stays valid.
        """
        for name in search.attributes:
            if not _ATTRIBUTE.fullmatch(name):
                raise ValueError(f"{name!r} is no attribute's name")
            if name.lower() in SECRET_ATTRIBUTES:
                raise ValueError(f"{name} is secret and is never asked for")
        return self._search(search)

    def entry(self, base: str, asked: Sequence[str]) -> list[tuple[str, list[bytes]]]:
        """One entry by its DN: lower-cased attribute descriptions and values.

        Raises:
            EndedError: it was not shown.
            MalformedError: it is no entry.
        """
        request = requests.search(Search(base, _ANYTHING, tuple(asked), Scope.BASE), self._time_limit)
        answer = self._answer(self._channel.ask(request, self._time_limit))
        if answer.result is None or answer.result.code != results.SUCCESS:
            raise EndedError(
                f"the server refused a single entry: {answer.result.explained if answer.result else 'it never ends'}"
            )
        if len(answer.starts) != 1:
            raise EndedError(f"the server showed {len(answer.starts)} entries for one DN", _CHANGED)
        return entries.attributes(answer.octets)

    def _search(self, search: Search) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._pages(search)
        except EndedError as ended:
            what, next_step = ended.what, ended.next_step
        except MalformedError as error:
            what, next_step = f"the server sent what is no entry: {error}", results.LATER
        else:
            return
        where, safe = f"{self._source}, under {search.base}", "What was read before is right, but it is not all."
        raise IncompleteError(what, where=where, safe=safe, next_step=next_step)

    def _pages(self, search: Search) -> Iterator[pa.RecordBatch]:
        progress = _Progress()
        following, asked = None, self._ask(search, b"")
        try:
            while True:
                answer = self._answer(asked)
                # the server works on the next page while this one is decoded
                if cookie := progress.cookie(answer):
                    following = self._ask(search, cookie)
                yield from self._batches(search, answer)
                if answer.result is not None:
                    _check(answer.result, search)
                    if following is None:
                        return
                    asked, following = following, None
        finally:
            for request in (asked, following):
                if request is not None:
                    self._channel.abandon(request)

    def _ask(self, search: Search, cookie: bytes) -> int:
        controls = [requests.page(self._page_size, cookie)]
        if self._domain_scope:
            controls.append(requests.domain_scope())
        if DESCRIPTOR in map(str.lower, search.attributes):
            controls.append(requests.dacl_only())
        return self._channel.ask(requests.search(search, self._time_limit, controls), self._time_limit)

    def _answer(self, request: int) -> Answer:
        answer = self._channel.answer(request, self._time_limit)
        self.references += answer.references
        return answer

    def _batches(self, search: Search, answer: Answer) -> Iterator[pa.RecordBatch]:
        if answer.starts:
            page = entries.decode(answer.octets, answer.starts, search.attributes)
            yield self._completed(page) if page.partial else page.batch

    def _completed(self, page: Entries) -> pa.RecordBatch:
        """The page, with the values that the server keeps back of attributes that have many."""
        names = [name.lower() for name in page.batch.schema.names]
        columns = page.batch.columns
        lists = {one.column: columns[names.index(one.column)].to_pylist() for one in page.partial}
        for one in page.partial:
            lists[one.column][one.row] += self._rest(columns[0][one.row].as_py(), one.column, one.following)
        arrays = [pa.array(lists[name], VALUES) if name in lists else column for name, column in zip(names, columns, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, page.batch.schema.names)

    def _rest(self, dn: bytes, attribute: str, following: int | None) -> list[bytes]:
        values: list[bytes] = []
        size = 0
        while following is not None:
            shown = self.entry(_text(dn), [f"{attribute};range={following}-*"])
            pieces = [(found, more) for name, more in shown if base_name(name) == attribute and (found := range_of(name))]
            if len(pieces) != 1:
                raise EndedError(f"the server did not show the values of {attribute} from number {following} on", _CHANGED)
            [(found, more)] = pieces
            found.check(following, len(more))
            values += more
            size += sum(map(len, more))
            if size > LARGEST_ATTRIBUTE:
                raise EndedError(f"{attribute} of one entry has more than {LARGEST_ATTRIBUTE:,} octets")
            following = None if found.high is None else found.high + 1
        return values


class _Progress:
    """Proves that the pages move on. Cookies tell nothing of it: Samba sends the same one with every page."""

    def __init__(self) -> None:
        self._first: set[bytes] = set()
        self._empty = 0

    def cookie(self, answer: Answer) -> bytes | None:
        """Where the next page starts; None or empty where there is none to ask for.

        Raises:
            EndedError: the pages go round in a circle.
            MalformedError: the control that holds the cookie is none.
        """
        self._empty = 0 if answer.starts else self._empty + 1
        if answer.starts:
            first = entries.dn(answer.octets, answer.starts[0])
            if first in self._first:
                raise EndedError("the server sends the same page again and again", results.LATER)
            self._first.add(first)
        if self._empty > EMPTY_PAGES:
            raise EndedError("the server sends empty pages without an end", results.LATER)
        if answer.result is None or answer.result.code != results.SUCCESS:
            return None
        return answer.result.cookie()


def _check(result: results.Result, search: Search) -> None:
    """Prove that the end of a page is a page's end."""
    if result.code == results.NO_SUCH_OBJECT:
        what = f"the search base {search.base} does not exist, or the account may not see it"
        raise ConfigurationError(what, next_step="Look at its spelling, or sign in with an account that may.")
    if result.code != results.SUCCESS:
        raise EndedError(f"the server ended the search: {result.explained}", result.next_step)
    if result.cookie() is None:
        what = "the server answered without paging, so that nobody can tell whether this is all"
        raise EndedError(what, "Connect to an Active Directory domain controller.")


def _text(dn: bytes) -> str:
    try:
        return dn.decode()
    except UnicodeDecodeError:
        raise EndedError("an entry with many values has a DN that is not UTF-8, so that they cannot be asked for") from None
