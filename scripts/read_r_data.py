"""Reads data sets from an R package's lazy-load database (Rdata.rdx, Rdata.rdb), without R.

The .rdx file is a compressed index of offset and length of each object in the .rdb file; an object there is a 4-byte big-endian
length and a zlib stream. Both hold R's XDR serialisation (versions 2 and 3), described in the manual "R Internals", section
"Serialization Formats". What data frames are made of is read; anything else raises FormatError.
"""

import array
import struct
import sys
import zlib

SYMBOL, PAIRLIST, STRING, LOGICAL, INTEGER, REAL, STRINGS, LIST = 1, 2, 9, 10, 13, 14, 16, 19
ALTREP, ATTRIBUTE_PAIRLIST, NIL, REFERENCE = 238, 239, 254, 255
HAS_ATTRIBUTES, HAS_TAG = 0x200, 0x400
LATIN1 = 1 << 2  # in a string's own flags
NA_INTEGER = -(2**31)


class FormatError(Exception):
    pass


class Vector:
    """A vector or list of R: its values, missing integers and strings as None, and its attributes by name."""

    def __init__(self, values, attributes):
        self.values = values
        self.attributes = attributes

    def strings(self):
        """The values, those of a factor as its labels."""
        if "levels" not in self.attributes:
            return self.values
        labels = self.attributes["levels"].values
        return [None if code is None else labels[code - 1] for code in self.values]

    def named(self):
        return dict(zip(self.attributes["names"].values, self.values))


class Reader:
    def __init__(self, data):
        self.data = data
        self.position = 0
        self.references = []  # what later references count from 1
        if self.take(2) != b"X\n":
            raise FormatError("not R's XDR serialisation")
        version = self.integer()
        self.take(8)  # the versions of R that wrote it, and that can read it
        if version == 3:
            self.take(self.integer())  # the writer's encoding; strings carry their own
        elif version != 2:
            raise FormatError(f"serialisation version {version} is unknown")

    def take(self, size):
        begin, self.position = self.position, self.position + size
        if size < 0 or self.position > len(self.data):
            raise FormatError("the data end too early")
        return self.data[begin : self.position]

    def integer(self):
        return struct.unpack(">i", self.take(4))[0]

    def numbers(self, code):
        count = self.integer()  # longer than 2^31 would be -1, which take() refuses
        values = array.array(code)
        values.frombytes(self.take(count * values.itemsize))
        if sys.byteorder == "little":
            values.byteswap()
        return values

    def item(self):
        flags = self.integer() & 0xFFFFFFFF
        kind = flags & 0xFF
        if kind == NIL:
            return None
        if kind == REFERENCE:
            return self.references[(flags >> 8 or self.integer()) - 1]
        if kind == SYMBOL:
            self.references.append(self.item())
            return self.references[-1]
        if kind == STRING:
            length = self.integer()
            encoding = "latin-1" if flags >> 12 & LATIN1 else "utf-8"
            return None if length == -1 else self.take(length).decode(encoding)
        if kind == ALTREP:
            return self.altrep(self.item(), self.item(), self.item())
        if kind in (PAIRLIST, ATTRIBUTE_PAIRLIST):
            return self.pairlist(flags)
        if kind in (LOGICAL, INTEGER):
            values = [None if value == NA_INTEGER else value for value in self.numbers("i")]
        elif kind == REAL:
            values = self.numbers("d").tolist()
        elif kind in (STRINGS, LIST):
            values = [self.item() for _ in range(self.integer())]
        else:
            raise FormatError(f"R's type {kind} at byte {self.position - 4} is not supported")
        return Vector(values, dict(self.item()) if flags & HAS_ATTRIBUTES else {})

    def pairlist(self, flags):
        """Pairs of tag and value."""
        pairs = []
        while True:  # a loop, as long lists would exhaust the stack
            if flags & HAS_ATTRIBUTES:
                self.item()
            tag = self.item() if flags & HAS_TAG else None
            pairs.append((tag, self.item()))
            flags = self.integer() & 0xFFFFFFFF
            if flags & 0xFF == NIL:
                return pairs
            if flags & 0xFF not in (PAIRLIST, ATTRIBUTE_PAIRLIST):
                raise FormatError("a pairlist does not end in NULL")

    @staticmethod
    def altrep(info, state, attributes):
        """Vectors that R stores in short: ranges, and wrappers around another vector."""
        name = info[0][1]
        if name == "compact_intseq":
            count, first, step = (int(value) for value in state.values)
            return Vector(list(range(first, first + count * step, step)), dict(attributes or []))
        if name.startswith("wrap_"):
            wrapped = state.values[0] if isinstance(state, Vector) else state[0][1]
            return Vector(wrapped.values, dict(attributes or []))
        raise FormatError(f"ALTREP class {name} is not supported")


def read_object(database, name):
    """The object `name` of the files `database`.rdx and `database`.rdb."""
    with open(f"{database}.rdx", "rb") as file:
        index = Reader(zlib.decompress(file.read(), wbits=47)).item().named()  # 47: zlib's or gzip's header
    if index["compressed"].values != [1]:
        raise FormatError("the database is not compressed by zlib")
    places = index["variables"].named()
    if name not in places:
        raise FormatError(f"there is no '{name}' among {', '.join(places)}")
    offset, length = places[name].values
    with open(f"{database}.rdb", "rb") as file:
        file.seek(offset)
        size, stream = struct.unpack(">I", file.read(4))[0], file.read(length - 4)
    data = zlib.decompress(stream)
    if len(data) != size:
        raise FormatError(f"'{name}' has {len(data)} bytes, not {size}")
    return Reader(data).item()
