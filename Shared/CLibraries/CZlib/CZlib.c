#include "CZlib.h"

#include <zlib.h>

/* gzip instead of zlib's own frame, with the largest window. */
enum { gzip_window = 15 + 16, memory_level = 9 };

size_t daifa_gzip_bound(size_t count) { return compressBound(count) + 18; }

/* deflateInit2 is a macro. */
size_t daifa_gzip(const uint8_t *bytes, size_t count, uint8_t *target, size_t room) {
    z_stream stream = {0};
    if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)bytes;
    stream.avail_in = (uInt)count;
    stream.next_out = target;
    stream.avail_out = (uInt)room;
    int done = deflate(&stream, Z_FINISH);
    size_t size = stream.total_out;
    deflateEnd(&stream);
    return done == Z_STREAM_END ? size : 0;
}
