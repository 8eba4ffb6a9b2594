#!/usr/bin/env bash
# Guess: a layout whose font description names several families, with fallback switched off (pango_attr_fallback_new(FALSE)), draws with these
# families and with no other font of the machine: the list says where to look, and fallback is what lies beyond it.
# Truth: the further families of the list are fallback, too. Without it only the first one draws; what it lacks and the second has is an unknown
# glyph. With it, any font of the machine draws what they all lack. To be drawn with named families alone, a text needs a font map whose
# fontconfig knows no other fonts.
# Version: libpango 1.50.12+ds-1 (Debian 12); fonts-dejavu-core 2.37-6 and fonts-tlwg-loma-ttf 1:0.7.3-1, any two that differ will do.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
pinned=(libpangocairo-1.0-0=1.50.12+ds-1 libpangoft2-1.0-0=1.50.12+ds-1 libpango-1.0-0=1.50.12+ds-1 fonts-dejavu-core=2.37-6 fonts-tlwg-loma-ttf=1:0.7.3-1)
echo "packages: ${pinned[*]}"
apt-cache show "${pinned[@]}" >/dev/null 2>&1 || apt-get update -qq
# What pango needs beside itself, but for the C library, in whose folder the interpreter lives.
mapfile -t others < <(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
    libpangocairo-1.0-0 | grep -E '^lib' | grep -vE '^(libc6|libgcc-s1|libcrypt1|libpango.*)$' | sort -u)
for package in "${pinned[@]}" "${others[@]}"; do apt-get download -qq "$package" 2>/dev/null || true; done
for file in ./*.deb; do dpkg -x "$file" root; done

cat >fonts.conf <<XML
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>$folder/root/usr/share/fonts</dir><cachedir>$folder/cache</cachedir></fontconfig>
XML
libraries=$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu
FONTCONFIG_FILE=$folder/fonts.conf LD_LIBRARY_PATH=$libraries python3 - <<'PYTHON'
import ctypes
import sys

pango = ctypes.CDLL("libpango-1.0.so.0")
cairo = ctypes.CDLL("libpangocairo-1.0.so.0")
pango.pango_version_string.restype = ctypes.c_char_p
for library, names in {
    cairo: ["pango_cairo_font_map_new"],
    pango: ["pango_font_map_create_context", "pango_layout_new", "pango_font_description_from_string", "pango_attr_list_new",
            "pango_attr_fallback_new"],
}.items():
    for name in names:
        getattr(library, name).restype = ctypes.c_void_p


def unknown(families, text, fallback):
    """The glyphs of a text that no font draws."""
    fonts = ctypes.c_void_p(cairo.pango_cairo_font_map_new())
    layout = ctypes.c_void_p(pango.pango_layout_new(ctypes.c_void_p(pango.pango_font_map_create_context(fonts))))
    font = ctypes.c_void_p(pango.pango_font_description_from_string(f"{families} 12".encode()))
    pango.pango_layout_set_font_description(layout, font)
    pango.pango_layout_set_text(layout, text.encode(), -1)
    if not fallback:
        attributes = ctypes.c_void_p(pango.pango_attr_list_new())
        pango.pango_attr_list_insert(attributes, ctypes.c_void_p(pango.pango_attr_fallback_new(0)))
        pango.pango_layout_set_attributes(layout, attributes)
    return pango.pango_layout_get_unknown_glyphs_count(layout)


print("library: pango", pango.pango_version_string().decode())
thai = "ก"  # In Loma, not in DejaVu Sans.
seen = []
for families, fallback in [("DejaVu Sans,Loma", False), ("Loma,DejaVu Sans", False), ("DejaVu Sans,Loma", True), ("DejaVu Sans", True)]:
    seen.append(unknown(families, thai, fallback))
    print(f"{families}, fallback {'on' if fallback else 'off'}: {seen[-1]} unknown glyph(s)")
sys.exit(0 if seen == [1, 0, 0, 0] else 1)
PYTHON
