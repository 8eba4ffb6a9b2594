#!/usr/bin/env bash
# Guess: cairo_svg_surface_set_document_unit says in which unit the document states the size that the surface was created with in points: a
# surface of 283.46 by 510.24 points with CAIRO_SVG_UNIT_MM becomes width="100mm" height="180mm" (the function's description shows no other).
# Truth: the numbers stay and only the unit's name changes: width="283.46mm", a document 2.83 times too large. For 100 by 180 mm the surface is
# created 100 by 180, and everything is drawn in millimetres (cairo_scale).
# Version: libcairo2 1.16.0-7 (Debian 12).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
package=libcairo2=1.16.0-7
echo "package: $package"
apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq; apt-get download -qq "$package"; }
dpkg -x libcairo2_*.deb root

python3 - "$(find "$folder/root" -name libcairo.so.2)" <<'PYTHON'
import ctypes
import re
import sys

cairo = ctypes.CDLL(sys.argv[1])
cairo.cairo_version_string.restype = ctypes.c_char_p
cairo.cairo_svg_surface_create.restype = ctypes.c_void_p
cairo.cairo_svg_surface_create.argtypes = [ctypes.c_char_p, ctypes.c_double, ctypes.c_double]
cairo.cairo_svg_surface_set_document_unit.argtypes = [ctypes.c_void_p, ctypes.c_int]
cairo.cairo_surface_show_page.argtypes = [ctypes.c_void_p]
cairo.cairo_surface_finish.argtypes = [ctypes.c_void_p]
MILLIMETRE, POINT = 6, 7


def size(width, height, unit):
    surface = cairo.cairo_svg_surface_create(b"page.svg", width, height)
    cairo.cairo_svg_surface_set_document_unit(surface, unit)
    cairo.cairo_surface_show_page(surface)
    cairo.cairo_surface_finish(surface)
    with open("page.svg") as document:
        return re.search(r'width="(\S+)" height="(\S+)"', document.read()).groups()


print("library:", cairo.cairo_version_string().decode())
point = 72 / 25.4
seen = [
    ("100 by 180 mm in points, unit pt", size(100 * point, 180 * point, POINT)),
    ("100 by 180 mm in points, unit mm", size(100 * point, 180 * point, MILLIMETRE)),
    ("100 by 180, unit mm", size(100, 180, MILLIMETRE)),
]
for what, result in seen:
    print(f"{what}: {' by '.join(result)}")
expected = [("283.464567pt", "510.23622pt"), ("283.464567mm", "510.23622mm"), ("100mm", "180mm")]
sys.exit(0 if [result for _, result in seen] == expected else 1)
PYTHON
