#pragma once
#include <microhttpd.h>
#include <stddef.h>

/* What Swift cannot call: the variadic MHD_start_daemon. */

struct daifa_http_limits {
    unsigned int connections;
    unsigned int idle_seconds;
    size_t connection_memory;
};

/* Starts a daemon with one polling thread of its own on a socket that listens already and belongs to the daemon from
   here on. NULL when it cannot be started; errno says why. */
struct MHD_Daemon *daifa_http_start(int listening, struct daifa_http_limits limits, MHD_AccessHandlerCallback handle,
                                    MHD_RequestCompletedCallback completed, void *context);
