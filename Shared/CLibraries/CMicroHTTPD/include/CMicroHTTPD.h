#pragma once
#include <microhttpd.h>
#include <stddef.h>

/* What Swift cannot call: the variadic MHD_start_daemon and MHD_get_connection_info. */

struct daifa_http_limits {
    unsigned int connections;
    unsigned int idle_seconds;
    size_t connection_memory;
};

/* Called on the daemon's thread, each with the context. */
struct daifa_http_calls {
    /* Whether a connection is taken. */
    MHD_AcceptPolicyCallback accept;
    /* A connection began, or is about to be closed: its descriptor is still open. */
    MHD_NotifyConnectionCallback connection;
    /* The request line is there: its target as it was sent. What it returns is the request's state for the next two. */
    void *(*target)(void *context, const char *uri, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback handle;
    MHD_RequestCompletedCallback completed;
};

/* Starts a daemon with one polling thread of its own on a socket that listens already and belongs to the daemon from
   here on. NULL when it cannot be started; errno says why. */
struct MHD_Daemon *daifa_http_start(int listening, struct daifa_http_limits limits, struct daifa_http_calls calls, void *context);

/* -1 when there is none. */
int daifa_http_descriptor(struct MHD_Connection *connection);

/* NULL when it is not known. */
const struct sockaddr *daifa_http_peer(struct MHD_Connection *connection);

/* Bytes of the request line and the headers. */
size_t daifa_http_header_size(struct MHD_Connection *connection);
