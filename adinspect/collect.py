"""Queries x directory -> tables: runs every query over its naming contexts and keeps what each search really came to."""

from __future__ import annotations

import base64
import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adinspect import distinguished_name, frames
from adinspect.directory import UNASKED, Directory, Scope, Search
from adinspect.directory.decode import NAMESPACE, Undecoded, decode
from adinspect.directory.replication import METADATA, versions
from adinspect.errors import ConfigurationError, IncompleteError
from adinspect.query import Query, Table
from adinspect.search_filter import parse

DESCRIPTOR = "nTSecurityDescriptor"
CROSS_REFERENCES = parse("(&(objectClass=crossRef)(systemFlags:1.2.840.113556.1.4.803:=2))")
"""The domains of a forest ([MS-ADTS] 6.1.1.2.1.1: FLAG_CR_NTDS_DOMAIN)."""

NO_CATEGORY = parse("(!(objectCategory=*))")
"""Every object has a category; one without shows nothing."""

CLOSED_TO_MOST = ("CN=System", "CN=NTDS Quotas")
"""Containers that ordinary accounts may not read in any forest, and that hold nothing of voice."""

SAMPLE = 200
"""Objects of a table whose replication metadata is looked at."""

Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Searched:
    """What one query came to in one naming context. `state` is complete, partial (ended early) or failed (nothing was read)."""

    query: str
    base: str
    context: str
    filter: str
    attributes: tuple[str, ...]
    rows: int
    pages: int
    state: str
    reason: str


@dataclass
class Pages:
    """The pages of one query as they come in: rows by table, and what shows who could be read.

    `shown` says for each attribute and entry whether it had a value, `unasked` whether nobody may have asked for it;
    `descriptors` are the entries' access lists.
    """

    query: Query
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    guids: list[pa.Array] = field(default_factory=list)
    shown: dict[str, list[pa.Array]] = field(default_factory=dict)
    unasked: dict[str, list[pa.Array]] = field(default_factory=dict)
    descriptors: list[pa.DictionaryArray] = field(default_factory=list)
    undecoded: list[Undecoded] = field(default_factory=list)
    without_guid: int = 0

    def add(self, batch: pa.RecordBatch, present: Mapping[str, pa.Array]) -> None:
        """Decode a page and keep what visibility is told from."""
        decoded = decode(self.query, batch, present)
        for name, table in decoded.tables.items():
            self.tables.setdefault(name, []).append(table)
        self.guids.append(
            decoded.tables[self.query.name]["guid"].combine_chunks() if not self.query.table.each else pa.array([], pa.string())
        )
        for name in self.query.attributes:
            self.shown.setdefault(name, []).append(pc.greater(pc.fill_null(pc.list_value_length(batch.column(name)), 0), 0))
            self.unasked.setdefault(name, []).append(_naming(batch, name))
        if DESCRIPTOR in batch.schema.names:
            self.descriptors.append(pc.list_element(_one_each(batch.column(DESCRIPTOR)), 0).dictionary_encode())
        self.undecoded += decoded.undecoded
        self.without_guid += decoded.without_guid


@dataclass(frozen=True)
class Collected:
    """What a directory gave: the tables (frames.schema), and everything that tells how whole they are.

    `unread_domains` holds DNS names; `unasked` by query the attributes of which only the presence counts that nobody may have
    asked the server for; `pages` what each query read, without its rows; `live` whether an account asked a server; `repeated`
    how many objects were seen twice, under two names; `closed` the DNs of objects that show not even their class; `written` by
    the guid of objects of a sample how often each attribute was written (replication.versions).
    """

    tables: Mapping[str, pa.Table]
    searched: tuple[Searched, ...]
    unread_domains: tuple[str, ...]
    unasked: Mapping[str, frozenset[str]]
    pages: Mapping[str, Pages]
    token_sids: frozenset[str]
    live: bool = False
    repeated: int = 0
    closed: tuple[str, ...] = ()
    written: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    @property
    def undecoded(self) -> pa.Table:
        """The values that could not be decoded, their octets kept: table, column, guid, octets (base64)."""
        rows = [one for pages in self.pages.values() for one in pages.undecoded]
        named = {name: pa.array([getattr(one, name) for one in rows], pa.string()) for name in ("table", "column", "guid")}
        octets = [base64.b64encode(one.octets).decode("ascii") for one in rows]
        return _ordered(pa.table({**named, "octets": pa.array(octets, pa.string())}))


def collect(directory: Directory, queries: Sequence[Query], progress: Progress = lambda name, rows: None) -> Collected:
    """Run every query in each of its naming contexts.

    A search that ends early is kept as far as it came and said (`Searched`); it never passes for complete. The next one is tried.
    """
    searched: list[Searched] = []
    pages: dict[str, Pages] = {}
    unasked: dict[str, frozenset[str]] = {}
    for query in queries:
        pages[query.name] = Pages(query)
        for base, context in _contexts(directory, query):
            searched.append(_run(directory, pages[query.name], base, context, progress))
            if context and searched[-1].rows:  # where no entry was found, none lacks a value
                names = [column.attribute for column in query.presences]
                unasked[query.name] = unasked.get(query.name, frozenset()) | directory.unasked(names, context)
    tables = {shape.name: _whole(shape, pages[query.name]) for query in queries for shape in query.tables}
    repeated = sum(_drop_repeated(tables, query) for query in queries)
    _drop_foreign(tables, queries)
    if "forest" in tables and not len(tables["forest"]):
        tables["forest"] = _forest_row(directory, tables["forest"].schema)
    root = directory.root
    linked, unread = {name: _ordered(table) for name, table in _linked(tables, queries).items()}, _unread_domains(directory)
    live = bool(root.account)
    closed = tuple(_closed(directory)) if live else ()
    written = dict(_written(directory, linked, queries)) if live else {}
    return Collected(linked, tuple(searched), unread, unasked, pages, root.token_sids, live, repeated, closed, written)


def _naming(batch: pa.RecordBatch, attribute: str) -> pa.Array:
    """For each entry of a page, whether it names the attribute among those nobody is known to have asked for."""
    found = np.zeros(len(batch), bool)
    if UNASKED in batch.schema.names:
        lists = batch.column(UNASKED)
        found[pc.list_parent_indices(lists).filter(pc.equal(pc.list_flatten(lists), attribute)).to_numpy()] = True
    return pa.array(found)


def _contexts(directory: Directory, query: Query) -> Iterator[tuple[str, str | None]]:
    held = directory.root.contexts
    single = {"configuration": held.configuration, "schema": held.schema, "root_domain": held.root_domain}
    seen: set[str] = set()
    for base in query.bases:
        for context in held.domains or (None,) if base == "domains" else (single[base],):
            if context is None or context not in seen:
                yield base, context
                seen.add(context or "")


def _run(directory: Directory, pages: Pages, base: str, context: str | None, progress: Progress) -> Searched:
    query = pages.query
    rows = count = 0
    state, reason = "complete", ""
    if context is None:
        state, reason = (
            "failed",
            f"the naming context {base} is not in this {'directory' if directory.root.account else 'export'}",
        )
    else:
        rights = (DESCRIPTOR,) if directory.root.token_sids and DESCRIPTOR not in query.attributes else ()
        search = Search(context, query.filter, (*query.attributes, *rights), query.scope)
        try:
            present = {column.name: _present(directory, search, column.attribute) for column in query.presences}
            for batch in directory.search(search):
                pages.add(batch, present)
                rows, count = rows + len(batch), count + 1
                progress(query.name, rows)
        except (ConfigurationError, IncompleteError) as error:  # also where the server lacks a naming context it names
            state, reason = "partial" if rows else "failed", error.what
    return Searched(query.name, base, context or "", query.filter.text, query.attributes, rows, count, state, reason)


def _present(directory: Directory, search: Search, attribute: str) -> pa.Array:
    """The DNs of entries that have a value of an attribute whose values are never read."""
    only = Search(search.base, parse(f"(&{search.filter.text}({attribute}=*))"), ("objectGUID",), search.scope)
    return pa.concat_arrays([pa.array([], pa.binary()), *(batch.column("dn") for batch in directory.search(only))])


def _one_each(lists: pa.ListArray) -> pa.ListArray:
    """The lists with exactly one value; every other becomes null."""
    single = pc.fill_null(pc.equal(pc.list_value_length(lists), 1), False)
    return pc.if_else(single, lists, pa.scalar(None, lists.type))


def _whole(shape: Table, pages: Pages) -> pa.Table:
    schema = frames.schema(shape)
    read = pages.tables.pop(shape.name, [])
    if not read:
        return schema.empty_table()
    table = pa.concat_tables(read)
    return pa.table([column.combine_chunks() for column in table.columns], schema=schema)


def _drop_repeated(tables: dict[str, pa.Table], query: Query) -> int:
    """Keep each object once, as it was read last: one that moved meanwhile, or stands in two exports, has two names."""
    main = tables[query.name]
    if query.table.each or pc.count_distinct(main["guid"]).as_py() == len(main):
        return 0
    rows = main.append_column("row", pa.array(np.arange(len(main))))
    last = np.sort(rows.group_by("guid").aggregate([("row", "max")])["row_max"].to_numpy())
    kept = main.take(pa.array(last))
    named = pc.binary_join_element_wise(kept["guid"], kept["dn"], " ").combine_chunks()
    for child in query.tables[1:]:
        owners = pc.binary_join_element_wise(tables[child.name]["guid"], tables[child.name]["dn"], " ")
        tables[child.name] = tables[child.name].filter(pc.is_in(owners, value_set=named))
    tables[query.name] = kept
    return len(main) - len(kept)


def _drop_foreign(tables: dict[str, pa.Table], queries: Sequence[Query]) -> None:
    """Leave out of a table the objects that another table holds (`unless_in`)."""
    for query in queries:
        if query.unless_in in tables:
            taken = tables[query.unless_in]["guid"].combine_chunks()
            for shape in query.tables:
                table = tables[shape.name]
                tables[shape.name] = table.filter(pc.invert(pc.is_in(table["guid"], value_set=taken)))


def _forest_row(directory: Directory, schema: pa.Schema) -> pa.Table:
    """The forest's row where its root domain was not read: every forest has one."""
    root = directory.root
    dn = root.contexts.root_domain or ",".join(f"DC={label}" for label in root.forest.split("."))
    row = {"guid": str(uuid.uuid5(NAMESPACE, distinguished_name.key(dn))), "dn": dn, "identity": root.forest, "name": root.forest}
    return pa.Table.from_pylist([row], schema)


def _linked(tables: Mapping[str, pa.Table], queries: Sequence[Query]) -> dict[str, pa.Table]:
    """Respell every link as the `dn` of the object it names, compared as AD compares; a link to nothing keeps its text."""
    names = pa.concat_arrays([pa.array([], pa.string()), *(table["dn"].combine_chunks() for table in tables.values())]).unique()
    keys = distinguished_name.keys(names)
    linked = dict(tables)
    for query in queries:
        for shape in query.tables:
            for column in shape.columns:
                if column.links:
                    table = linked[shape.name]
                    place = table.schema.get_field_index(column.name)
                    linked[shape.name] = table.set_column(
                        place, table.schema.field(place), _respelt(table[column.name].combine_chunks(), keys, names)
                    )
    return linked


def _respelt(links: pa.Array, keys: pa.Array, names: pa.Array) -> pa.Array:
    coded = links.dictionary_encode()
    places = pc.index_in(distinguished_name.keys(coded.dictionary), value_set=keys)
    spelling = pc.coalesce(names.take(places), coded.dictionary)
    return spelling.take(coded.indices)


def _ordered(table: pa.Table) -> pa.Table:
    """The rows by DN, and by value: a directory gives entries and values in any order (RFC 4511, 4.1.7)."""
    names = sorted(table.column_names, key=lambda name: name not in ("dn", "guid"))
    return table.sort_by([(name, "ascending") for name in names])


def _closed(directory: Directory) -> Iterator[str]:
    """DNs of objects that the account may know of but not read: what stands below them may be hidden altogether.

    A server that takes an unreadable attribute for undefined in a filter (Windows) does not name them; access lists of what
    they stand in are then all there is.
    """
    contexts = directory.root.contexts
    for context in filter(None, (contexts.configuration, *contexts.domains)):
        ordinary = [distinguished_name.key(f"{name},{context}") for name in CLOSED_TO_MOST]
        try:
            batches = directory.search(Search(context, NO_CATEGORY, ("objectGUID",)))
            found = [dn for batch in batches for dn in batch.column("dn").to_pylist()]
        except (ConfigurationError, IncompleteError) as error:
            yield f"objects of {context} that cannot be named ({error.what})"
            continue
        for dn in (name.decode("utf-8", "replace") for name in found):
            if not any(distinguished_name.under(distinguished_name.key(dn), base) for base in ordinary):
                yield dn


def _written(
    directory: Directory, tables: Mapping[str, pa.Table], queries: Sequence[Query]
) -> Iterator[tuple[str, Mapping[int, int]]]:
    """How often each attribute of some objects of each table was written, by guid; nothing where a server does not tell."""
    contexts = directory.root.contexts
    for query in queries:
        if query.table.each or "schema" in query.bases:
            continue
        guids = [uuid.UUID(guid) for guid in sorted(tables[query.name]["guid"].to_pylist())[:SAMPLE]]
        named = "".join(f"(objectGUID={_escaped(guid.bytes_le)})" for guid in guids)
        for context in (contexts.configuration, *contexts.domains) if guids else ():
            try:
                for batch in directory.search(Search(context, parse(f"(|{named})"), ("objectGUID", METADATA))) if context else ():
                    yield from _versions(batch)
            except (ConfigurationError, IncompleteError):
                return


def _escaped(octets: bytes) -> str:
    """Octets as a filter takes them (RFC 4515)."""
    return "".join(f"\\{octet:02x}" for octet in octets)


def _versions(batch: pa.RecordBatch) -> Iterator[tuple[str, Mapping[int, int]]]:
    for guids, values in zip(batch.column("objectGUID").to_pylist(), batch.column(METADATA).to_pylist(), strict=True):
        if guids and values:
            with contextlib.suppress(ValueError):
                yield str(uuid.UUID(bytes_le=guids[0])), versions(values[0])


def _unread_domains(directory: Directory) -> tuple[str, ...]:
    """DNS names of the domains whose naming context the directory does not hold, as far as its crossRef objects tell."""
    contexts = directory.root.contexts
    if contexts.configuration is None:
        return ()
    held = {distinguished_name.key(dn) for dn in contexts.domains}
    search = Search(contexts.configuration, CROSS_REFERENCES, ("nCName",), Scope.SUBTREE)
    try:
        names = [name for batch in directory.search(search) for name in pc.list_flatten(batch.column("nCName")).to_pylist()]
    except IncompleteError as error:
        return (f"not known ({error.what})",)
    texts = [name.decode("utf-8", "replace") for name in names]
    return tuple(sorted(distinguished_name.dns_name(text) for text in texts if distinguished_name.key(text) not in held))
