#include "CWebSockets.h"
#include <errno.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct owner {
    daifa_ws_handler handler;
    void *owner;
};

/* The head of a request or an answer, and the sockets of a loop: libwebsockets would take room for all that the system allows. */
enum { HEAD_SIZE = 8192, SOCKETS = 4096, PIECE_SIZE = 16384 };

const size_t daifa_ws_prefix = LWS_PRE;

static int refuse(struct lws *wsi, int status) {
    return lws_return_http_status(wsi, (unsigned int)status, NULL) ? -1 : 1;
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
    enum daifa_ws_event event;
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_HTTP: return lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL) ? -1 : lws_http_transaction_completed(wsi);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: event = daifa_ws_asked; break;
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER: event = daifa_ws_headers; break;
    case LWS_CALLBACK_ESTABLISHED:
    case LWS_CALLBACK_CLIENT_ESTABLISHED: event = daifa_ws_opened; break;
    case LWS_CALLBACK_RECEIVE:
    case LWS_CALLBACK_CLIENT_RECEIVE: event = daifa_ws_received; break;
    case LWS_CALLBACK_RECEIVE_PONG:
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG: event = daifa_ws_ponged; break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
    case LWS_CALLBACK_CLIENT_WRITEABLE: event = daifa_ws_writable; break;
    case LWS_CALLBACK_TIMER: event = daifa_ws_timer; break;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: event = daifa_ws_peer_closes; break;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR: event = daifa_ws_failed; break;
    case LWS_CALLBACK_WSI_DESTROY: event = daifa_ws_ended; break;
    default: return 0;
    }
    struct owner *owner = lws_context_user(lws_get_context(wsi));
    int result = owner->handler(owner->owner, lws_get_opaque_user_data(wsi), wsi, event, in, size);
    return event == daifa_ws_asked && result > 0 ? refuse(wsi, result) : result;
}

static const struct lws_protocols protocols[] = {
    {.name = "daifa", .callback = callback, .rx_buffer_size = PIECE_SIZE},
    {.name = NULL},
};

static struct lws_context_creation_info settings(void) {
    struct lws_context_creation_info info;
    memset(&info, 0, sizeof info);
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols;
    info.max_http_header_data = HEAD_SIZE;
    info.fd_limit_per_thread = SOCKETS;
    /* Not NULL, which would stand for the environment's proxy. */
    info.http_proxy_address = "";
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.ssl_client_options_set = SSL_OP_NO_SSLv3 | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    return info;
}

struct lws_context *daifa_ws_start(daifa_ws_handler handler, void *owner, const char *listen_on, uint16_t *port) {
    struct lws_context_creation_info info = settings();
    struct owner *kept = malloc(sizeof *kept);
    if (!kept) return NULL;
    *kept = (struct owner){handler, owner};
    lws_set_log_level(0, NULL);
    info.user = kept;
    /* The loop's first vhost is made apart, to have it in hand. */
    info.options |= LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    struct lws_context *loop = lws_create_context(&info);
    if (!loop) {
        free(kept);
        return NULL;
    }
    if (listen_on) {
        info.port = *port;
        info.iface = listen_on;
        info.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
    }
    errno = 0;
    struct lws_vhost *vhost = lws_create_vhost(loop, &info);
    int reason = errno;
    if (!vhost || (listen_on && lws_get_vhost_listen_port(vhost) <= 0)) {
        daifa_ws_destroy(loop);
        errno = reason ? reason : EADDRNOTAVAIL;
        return NULL;
    }
    *port = (uint16_t)(listen_on ? lws_get_vhost_listen_port(vhost) : 0);
    return loop;
}

void daifa_ws_destroy(struct lws_context *loop) {
    struct owner *owner = lws_context_user(loop);
    lws_context_destroy(loop);
    free(owner);
}

int daifa_ws_serve(struct lws_context *loop) { return lws_service(loop, 0); }

void daifa_ws_wake(struct lws_context *loop) { lws_cancel_service(loop); }

struct lws_vhost *daifa_ws_trust(struct lws_context *loop, const char *name, const char *certificates) {
    struct lws_context_creation_info info = settings();
    info.vhost_name = name;
    info.client_ssl_ca_filepath = certificates;
    return lws_create_vhost(loop, &info);
}

struct lws *daifa_ws_connect(struct lws_context *loop, const struct daifa_ws_target *target, void *connection) {
    struct lws_client_connect_info info;
    memset(&info, 0, sizeof info);
    info.context = loop;
    info.vhost = target->trust ? target->trust : lws_get_vhost_by_name(loop, "default");
    info.address = target->address;
    info.port = target->port;
    info.host = target->host;
    info.path = target->path;
    info.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (target->secure ? LCCSCF_USE_SSL : 0);
    info.alpn = "http/1.1";
    info.local_protocol_name = protocols[0].name;
    info.opaque_user_data = connection;
    return lws_client_connect_via_info(&info);
}

unsigned int daifa_ws_status(struct lws *socket) { return lws_http_client_http_response(socket); }

int daifa_ws_path(struct lws *socket, char *buffer, int size) { return lws_hdr_copy(socket, buffer, size, WSI_TOKEN_GET_URI); }

int daifa_ws_query(struct lws *socket, int index, char *buffer, int size) {
    return lws_hdr_copy_fragment(socket, buffer, size, WSI_TOKEN_HTTP_URI_ARGS, index);
}

void daifa_ws_give(struct lws *socket, void *connection) { lws_set_opaque_user_data(socket, connection); }

int daifa_ws_is_final(struct lws *socket) { return lws_is_final_fragment(socket); }

int daifa_ws_is_binary(struct lws *socket) { return lws_frame_is_binary(socket); }

size_t daifa_ws_remaining(struct lws *socket) { return lws_remaining_packet_payload(socket); }

int daifa_ws_send_text(struct lws *socket, uint8_t *bytes, size_t size) {
    return lws_write(socket, bytes + LWS_PRE, size, LWS_WRITE_TEXT) < (int)size ? -1 : 0;
}

int daifa_ws_send_ping(struct lws *socket) {
    uint8_t bytes[LWS_PRE] = {0};
    return lws_write(socket, bytes + LWS_PRE, 0, LWS_WRITE_PING);
}

void daifa_ws_ask_writable(struct lws *socket) { lws_callback_on_writable(socket); }

void daifa_ws_read(struct lws *socket, int on) { lws_rx_flow_control(socket, on); }

void daifa_ws_set_timer(struct lws *socket, int64_t microseconds) {
    /* libwebsockets 4.1 takes LWS_SET_TIMER_USEC_CANCEL for a moment ago, and fires at once: a day stands for never. */
    const int64_t day = INT64_C(86400000000);
    lws_set_timer_usecs(socket, microseconds < 0 || microseconds > day ? day : microseconds);
}

void daifa_ws_say(struct lws *socket, uint16_t code) { lws_close_reason(socket, (enum lws_close_status)code, NULL, 0); }
