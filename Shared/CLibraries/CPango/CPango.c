#include "CPango.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <string.h>

struct daifa_pango_fonts {
    PangoFontMap *map;
    PangoContext *context;
    char *families;
};

struct daifa_pango_text {
    PangoLayout *layout;
    PangoFontDescription *font;
};

/* The machine's fonts of these families, separated by commas, and no others. Left to itself, pango draws a character that they lack with any font
   that the machine happens to have: the same text would be drawn, or fit, on one machine and not on another. NULL: out of memory. */
static FcConfig *only(const char *families) {
    FcConfig *config = FcInitLoadConfig();
    if (config == NULL) return NULL;
    GString *rules = g_string_new("<?xml version=\"1.0\"?><fontconfig><selectfont><rejectfont><pattern/></rejectfont>");
    char **names = g_strsplit(families, ",", -1);
    for (char **name = names; *name != NULL; name++) {
        char *text = g_markup_escape_text(*name, -1);
        g_string_append_printf(
            rules, "<acceptfont><pattern><patelt name=\"family\"><string>%s</string></patelt></pattern></acceptfont>", text);
        g_free(text);
    }
    g_strfreev(names);
    g_string_append(rules, "</selectfont></fontconfig>");
    FcBool made = FcConfigParseAndLoadFromMemory(config, (const FcChar8 *)rules->str, FcTrue) && FcConfigBuildFonts(config);
    g_string_free(rules, TRUE);
    if (made) return config;
    FcConfigDestroy(config);
    return NULL;
}

struct daifa_pango_fonts *daifa_pango_fonts_new(const char *families, const char *language) {
    struct daifa_pango_fonts *fonts = g_new0(struct daifa_pango_fonts, 1);
    /* A map of its own: pango's default one is one for each thread and stays until the thread ends. */
    fonts->map = pango_cairo_font_map_new();
    FcConfig *config = only(families);
    if (config != NULL) {
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(fonts->map), config);
        /* The map holds it. */
        FcConfigDestroy(config);
    }
    /* A point is a unit of a PDF. */
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts->map), 72);
    fonts->context = pango_font_map_create_context(fonts->map);
    fonts->families = g_strdup(families);
    pango_context_set_language(fonts->context, pango_language_from_string(language));
    pango_context_set_base_dir(fonts->context, PANGO_DIRECTION_LTR);
    /* On paper nothing is fitted to dots: a text is as wide as it was measured, in every size. */
    pango_context_set_round_glyph_positions(fonts->context, FALSE);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(fonts->context, options);
    cairo_font_options_destroy(options);
    return fonts;
}

void daifa_pango_fonts_free(struct daifa_pango_fonts *fonts) {
    g_object_unref(fonts->context);
    g_object_unref(fonts->map);
    g_free(fonts->families);
    g_free(fonts);
}

int daifa_pango_fonts_have(struct daifa_pango_fonts *fonts, const char *family) {
    PangoFontFamily **families = NULL;
    int count = 0, found = 0;
    pango_font_map_list_families(fonts->map, &families, &count);
    for (int i = 0; i < count && !found; i++) found = strcmp(pango_font_family_get_name(families[i]), family) == 0;
    g_free(families);
    return found;
}

struct daifa_pango_text *daifa_pango_text_new(
    struct daifa_pango_fonts *fonts, const char *bytes, int length, struct daifa_pango_style style) {
    struct daifa_pango_text *text = g_new0(struct daifa_pango_text, 1);
    text->layout = pango_layout_new(fonts->context);
    text->font = pango_font_description_new();
    pango_font_description_set_family(text->font, fonts->families);
    pango_font_description_set_weight(text->font, style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_auto_dir(text->layout, FALSE);
    pango_layout_set_line_spacing(text->layout, (float)style.line_height);
    pango_layout_set_wrap(text->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(text->layout, style.width < 0 ? -1 : pango_units_from_double(style.width));
    pango_layout_set_text(text->layout, bytes, length);
    daifa_pango_text_set_size(text, style.size);
    return text;
}

void daifa_pango_text_free(struct daifa_pango_text *text) {
    pango_font_description_free(text->font);
    g_object_unref(text->layout);
    g_free(text);
}

void daifa_pango_text_set_size(struct daifa_pango_text *text, double size) {
    pango_font_description_set_absolute_size(text->font, size * PANGO_SCALE);
    pango_layout_set_font_description(text->layout, text->font);
}

ptrdiff_t daifa_pango_text_unknown(struct daifa_pango_text *text) {
    if (pango_layout_get_unknown_glyphs_count(text->layout) == 0) return -1;
    ptrdiff_t first = -1;
    for (GSList *lines = pango_layout_get_lines_readonly(text->layout); lines != NULL; lines = lines->next) {
        PangoLayoutLine *line = lines->data;
        for (GSList *runs = line->runs; runs != NULL; runs = runs->next) {
            PangoLayoutRun *run = runs->data;
            for (int i = 0; i < run->glyphs->num_glyphs; i++) {
                if (!(run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG)) continue;
                ptrdiff_t at = run->item->offset + run->glyphs->log_clusters[i];
                if (first < 0 || at < first) first = at;
            }
        }
    }
    return first < 0 ? 0 : first;
}

static struct daifa_pango_extent extent(PangoRectangle rectangle) {
    return (struct daifa_pango_extent){
        pango_units_to_double(rectangle.x), pango_units_to_double(rectangle.y),
        pango_units_to_double(rectangle.x + rectangle.width), pango_units_to_double(rectangle.y + rectangle.height)};
}

struct daifa_pango_extent daifa_pango_text_lines(struct daifa_pango_text *text) {
    PangoRectangle logical;
    pango_layout_get_extents(text->layout, NULL, &logical);
    return extent(logical);
}

struct daifa_pango_extent daifa_pango_text_ink(struct daifa_pango_text *text) {
    PangoRectangle drawn;
    pango_layout_get_extents(text->layout, &drawn, NULL);
    return extent(drawn);
}

void daifa_pango_text_draw(struct daifa_pango_text *text, struct _cairo *cairo, double left, double top) {
    cairo_move_to(cairo, left, top);
    pango_cairo_show_layout(cairo, text->layout);
}
