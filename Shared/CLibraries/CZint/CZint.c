#include "CZint.h"

#include <limits.h>
#include <zint.h>

int daifa_zint_code128(const char *text, size_t length, uint8_t *modules, size_t capacity) {
    if (length == 0 || length > INT_MAX) return -1;
    /* A symbol of its own: encoding into a used one adds a row to it. */
    struct zint_symbol *symbol = ZBarcode_Create();
    if (symbol == NULL) return -1;
    symbol->symbology = BARCODE_CODE128;
    /* The default takes bytes for Latin-1 whatever they are. */
    symbol->input_mode = UNICODE_MODE;
    int width = -1;
    if (ZBarcode_Encode(symbol, (const unsigned char *)text, (int)length) == 0 && symbol->rows == 1 && symbol->width > 0 &&
        (size_t)symbol->width <= capacity) {
        width = symbol->width;
        for (int i = 0; i < width; i++) modules[i] = symbol->encoded_data[0][i >> 3] >> (i & 7) & 1;
    }
    ZBarcode_Delete(symbol);
    return width;
}
