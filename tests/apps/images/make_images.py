#!/usr/bin/python3
"""Writes the pictures beside it, one for each form that files of pictures have, and expected.json.

All but the last show the same 6 x 4 pixels, as far as their form can. expected.json has what Pillow
reads from each, as rows of pixels, and one of them resized by Pillow. Needs Pillow (Debian's
python3-pil). Run it by hand after a change; the tests only read the files.
"""
import json
import pathlib
import struct
import zlib

from PIL import Image

HERE = pathlib.Path(__file__).parent
WIDTH, HEIGHT = 6, 4
COLOURS = [(255 * x // 5, 255 * y // 3, (40 * x + 30 * y) % 256) for y in range(HEIGHT) for x in range(WIDTH)]
GREYS = [(37 * x + 61 * y) % 256 for y in range(HEIGHT) for x in range(WIDTH)]


def image(mode, values):
    made = Image.new(mode, (WIDTH, HEIGHT))
    made.putdata(values)
    return made


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sixteen_bits(path):
    """Grey of 16 bits, each number twice the byte of GREYS."""
    rows = b"".join(
        b"\0" + b"".join(struct.pack(">H", GREYS[y * WIDTH + x] * 257) for x in range(WIDTH)) for y in range(HEIGHT)
    )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def bomb(path):
    """50,000 x 50,000 pixels of one colour, in a few kilobytes."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    squeezed = zlib.compressobj(9)
    row = b"\0" * (1 + 50_000 // 8)
    data = squeezed.compress(row * 100) + squeezed.flush()
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def rows_of(made):
    pixels = list(made.getdata())
    return [list(pixel) if isinstance(pixel, tuple) else [pixel] for pixel in pixels]


def on_white(made):
    white = Image.new("RGBA", made.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, made.convert("RGBA")).convert("RGB")


def main():
    grey, colour = image("L", GREYS), image("RGB", COLOURS)
    see_through = image("RGBA", [(*c, 255 if i % 3 else 0) for i, c in enumerate(COLOURS)])
    expected = {}

    def keep(name, made, shown, **options):
        made.save(HERE / name, **options)
        expected[name] = rows_of(shown)

    keep("grey.png", grey, grey)
    keep("colour.png", colour, colour)
    keep("see_through.png", see_through, on_white(see_through))
    keep("grey_see_through.png", see_through.convert("LA"), on_white(see_through.convert("LA")).convert("L"))
    palette = colour.convert("P", palette=Image.Palette.ADAPTIVE, colors=24)
    keep("palette.png", palette, palette.convert("RGB"))
    black = grey.point(lambda v: 255 * (v > 127)).convert("1")
    keep("black_and_white.png", black, black.convert("L"))
    sixteen_bits(HERE / "sixteen_bits.png")
    expected["sixteen_bits.png"] = rows_of(grey)
    for name, made in [("grey.jpg", grey), ("colour.jpg", colour), ("inks.jpg", colour.convert("CMYK"))]:
        made.save(HERE / name, quality=95, subsampling=0)
        read = Image.open(HERE / name)
        expected[name] = rows_of(read.convert("RGB") if name != "grey.jpg" else read)
    colour.save(HERE / "progressive.jpg", quality=95, subsampling=0, progressive=True)
    expected["progressive.jpg"] = rows_of(Image.open(HERE / "progressive.jpg"))
    bomb(HERE / "bomb.png")
    large = Image.new("L", (40, 40))
    large.putdata([(x * x + 3 * y * y + x * y) % 256 for y in range(40) for x in range(40)])
    large.save(HERE / "large.png")
    for side in (9, 64):
        expected[f"large.png at {side}"] = rows_of(large.resize((side, side), Image.Resampling.BILINEAR))
    (HERE / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


main()
