#!/usr/bin/env bash
# Guess: the subset of Noto Sans CJK SC that cairo embeds in a PDF grows with the characters in it: some 54 kB that all Chinese characters share,
# and some hundred bytes for each. A short text costs less than a long one.
# Truth: some texts of three characters (K, L and 顺 together, any two of them not) make it keep all the font's subroutines: 0.87 MB instead
# of 0.055 for each weight. Of 30 characters beside Latin letters nearly every text does, so one label is 0.13 or 1.8 MB; 1,700 characters are
# 1.3 MB. All glyphs are drawn right. Do not limit, cache or judge a file by the length of its text.
# Version: libcairo2 1.16.0-7, fonts-noto-cjk 1:20220127+repack1-1 (Debian 12).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
packages=(libcairo2=1.16.0-7 libfreetype6 fonts-noto-cjk=1:20220127+repack1-1)
echo "packages: ${packages[*]}"
apt-get download -qq "${packages[@]}" 2>/dev/null || { apt-get update -qq; apt-get download -qq "${packages[@]}"; }
for file in ./*.deb; do dpkg -x "$file" root; done

python3 - "$(find "$folder/root" -name libcairo.so.2)" "$(find "$folder/root" -name libfreetype.so.6)" \
    "$(find "$folder/root" -name NotoSansCJK-Regular.ttc)" <<'PYTHON'
import ctypes
import os
import sys

freetype = ctypes.CDLL(sys.argv[2], mode=ctypes.RTLD_GLOBAL)
cairo = ctypes.CDLL(sys.argv[1])
pointer, real, integer = ctypes.c_void_p, ctypes.c_double, ctypes.c_int
SIMPLIFIED_CHINESE = 2


class Glyph(ctypes.Structure):
    _fields_ = [("index", ctypes.c_ulong), ("x", real), ("y", real)]


def function(library, name, result, *arguments):
    found = getattr(library, name)
    found.restype, found.argtypes = result, arguments
    return found


library, face = pointer(), pointer()
assert function(freetype, "FT_Init_FreeType", integer, pointer)(ctypes.byref(library)) == 0
new_face = function(freetype, "FT_New_Face", integer, pointer, ctypes.c_char_p, ctypes.c_long, pointer)
assert new_face(library, sys.argv[3].encode(), SIMPLIFIED_CHINESE, ctypes.byref(face)) == 0
index_of = function(freetype, "FT_Get_Char_Index", ctypes.c_uint, pointer, ctypes.c_ulong)
font = function(cairo, "cairo_ft_font_face_create_for_ft_face", pointer, pointer, integer)(face, 0)


def size(text):
    surface = function(cairo, "cairo_pdf_surface_create", pointer, ctypes.c_char_p, real, real)(b"page.pdf", 400, 100)
    context = function(cairo, "cairo_create", pointer, pointer)(surface)
    function(cairo, "cairo_set_font_face", None, pointer, pointer)(context, font)
    function(cairo, "cairo_set_font_size", None, pointer, real)(context, 12)
    glyphs = (Glyph * len(text))(*(Glyph(index_of(face, ord(c)), 12 * i, 50) for i, c in enumerate(text)))
    function(cairo, "cairo_show_glyphs", None, pointer, pointer, integer)(context, glyphs, len(text))
    function(cairo, "cairo_show_page", None, pointer)(context)
    function(cairo, "cairo_destroy", None, pointer)(context)
    function(cairo, "cairo_surface_finish", None, pointer)(surface)
    return os.path.getsize("page.pdf")


print("library:", function(cairo, "cairo_version_string", ctypes.c_char_p)().decode())
small, large = ["顺", "KL", "K顺", "L顺", "顺丰速运广东省深圳市南山区"], ["KL顺"]
sizes = {text: size(text) for text in small + large}
for text, count in sizes.items():
    print(f"{text}: {count} bytes")
sys.exit(0 if all(sizes[t] < 100_000 for t in small) and all(sizes[t] > 800_000 for t in large) else 1)
PYTHON
