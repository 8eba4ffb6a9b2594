#pragma once
#include <stddef.h>
#include <stdint.h>

/* A gzip member (RFC 1952) of the bytes; no more than daifa_gzip_bound of them. 0 when there is no memory or no room. */
size_t daifa_gzip(const uint8_t *bytes, size_t count, uint8_t *target, size_t room);

size_t daifa_gzip_bound(size_t count);
