#pragma once
#include <stddef.h>
#include <stdint.h>

/* The bars of a Code 128 as zint encodes them: zint's structure holds 200 rows in a field that Swift cannot read.

   Writes one byte a module, 1 for a bar, without quiet zones. The number of modules; -1 when zint refuses the text, makes other than one
   row of it, or the modules are more than `capacity`. */
int daifa_zint_code128(const char *text, size_t length, uint8_t *modules, size_t capacity);
