#pragma once
#include <stddef.h>
#include <stdint.h>

/* WebSockets on libwebsockets. The shim hides it: its structures are padded by bit-fields and macros that Swift cannot read, and its one
   callback has two hundred reasons, of which these matter.

   A loop and its sockets belong to the thread that calls daifa_ws_serve; daifa_ws_wake may be called from any. */

struct lws;
struct lws_context;
struct lws_vhost;

enum daifa_ws_event {
    /* A server's: a client asks to connect. 0, or the HTTP status with which it is refused. */
    daifa_ws_asked,
    /* A client's: `bytes` is a char ** to where headers may be written, `size` the room there. */
    daifa_ws_headers,
    daifa_ws_opened,
    /* A piece of a message. */
    daifa_ws_received,
    daifa_ws_ponged,
    daifa_ws_writable,
    daifa_ws_timer,
    /* The peer closes; `bytes` is what it says: a code of two bytes, and a text. */
    daifa_ws_peer_closes,
    /* A client's connection did not come about; `bytes` is why, or NULL. */
    daifa_ws_failed,
    /* The socket is gone; the last event. */
    daifa_ws_ended,
};

/* Not 0 closes the socket (without a word, when no reason was set). `connection` is what the socket was given. */
typedef int (*daifa_ws_handler)(void *owner, void *connection, struct lws *socket, enum daifa_ws_event event,
                                void *bytes, size_t size);

/* A loop that listens on an address of this machine, or NULL: only connects. *port is the one that was chosen. NULL: errno. */
struct lws_context *daifa_ws_start(daifa_ws_handler handler, void *owner, const char *listen_on, uint16_t *port);
/* Closes all sockets. */
void daifa_ws_destroy(struct lws_context *loop);
/* Waits for something to happen, or to be woken, and deals with it. Negative when the loop is broken. */
int daifa_ws_serve(struct lws_context *loop);
void daifa_ws_wake(struct lws_context *loop);

/* Clients that trust a file of certificates besides the system's; lives as long as the loop. NULL: no memory. */
struct lws_vhost *daifa_ws_trust(struct lws_context *loop, const char *name, const char *certificates);

struct daifa_ws_target {
    const char *address;
    /* For the header, and for the certificate. */
    const char *host;
    uint16_t port;
    const char *path;
    int secure;
    /* From daifa_ws_trust, or NULL. */
    struct lws_vhost *trust;
};

/* NULL when it failed at once; then events may have come already. */
struct lws *daifa_ws_connect(struct lws_context *loop, const struct daifa_ws_target *target, void *connection);
/* The status of the answer to a client that was refused, or 0. */
unsigned int daifa_ws_status(struct lws *socket);

/* Of a client that asks: the path, and parts of the query (`name=value`), decoded. Negative when there is none. */
int daifa_ws_path(struct lws *socket, char *buffer, int size);
int daifa_ws_query(struct lws *socket, int index, char *buffer, int size);

void daifa_ws_give(struct lws *socket, void *connection);
/* Of the piece just received. */
int daifa_ws_is_final(struct lws *socket);
int daifa_ws_is_binary(struct lws *socket);
/* Bytes of its frame that are still to come. */
size_t daifa_ws_remaining(struct lws *socket);

/* A message's bytes begin behind so many bytes that may be overwritten. */
extern const size_t daifa_ws_prefix;
/* Within daifa_ws_writable, once. Negative: close. */
int daifa_ws_send_text(struct lws *socket, uint8_t *bytes, size_t size);
int daifa_ws_send_ping(struct lws *socket);
void daifa_ws_ask_writable(struct lws *socket);
/* Whether anything is read; off, the peer is held up. */
void daifa_ws_read(struct lws *socket, int on);
/* Negative: none. It may fire without having been set, once a day. */
void daifa_ws_set_timer(struct lws *socket, int64_t microseconds);
/* What the peer is told when the handler returns not 0 next. */
void daifa_ws_say(struct lws *socket, uint16_t code);
