#pragma once
#include <stddef.h>

/* Text on pango and cairo. The shim hides them: GLib's headers lie in folders that depend on the machine's architecture. Lengths are points;
   a set of fonts and all its texts belong to one thread at a time. */

#pragma clang assume_nonnull begin

struct _cairo;
struct daifa_pango_fonts;
struct daifa_pango_text;

/* Fonts of this machine in the order in which they are tried, "First,Second"; other fonts of the machine come after them. `language` chooses
   among a font's glyph forms. Without memory GLib ends the process, here and in all that follows. */
struct daifa_pango_fonts *daifa_pango_fonts_new(const char *families, const char *language);
void daifa_pango_fonts_free(struct daifa_pango_fonts *fonts);
/* Whether the machine has a font of this family. */
int daifa_pango_fonts_have(struct daifa_pango_fonts *fonts, const char *family);

struct daifa_pango_style {
    double size;
    /* Lines end here; negative: one line of any width. */
    double width;
    /* Of the font's own height, from one line to the next. */
    double line_height;
    int bold;
};

/* `text` is UTF-8. */
struct daifa_pango_text *daifa_pango_text_new(
    struct daifa_pango_fonts *fonts, const char *text, int length, struct daifa_pango_style style);
void daifa_pango_text_free(struct daifa_pango_text *text);
/* Another size of the same text. */
void daifa_pango_text_set_size(struct daifa_pango_text *text, double size);
/* The first byte of the first character that no font has, or -1. */
ptrdiff_t daifa_pango_text_unknown(struct daifa_pango_text *text);

/* From the text's top left corner. */
struct daifa_pango_extent {
    double left, top, right, bottom;
};

/* What lines and advances take up. */
struct daifa_pango_extent daifa_pango_text_lines(struct daifa_pango_text *text);
/* What is drawn: loads the outline of each character, which takes as long as all the rest. */
struct daifa_pango_extent daifa_pango_text_ink(struct daifa_pango_text *text);
/* Draws with the top left corner at a point. */
void daifa_pango_text_draw(struct daifa_pango_text *text, struct _cairo *cairo, double left, double top);

#pragma clang assume_nonnull end
