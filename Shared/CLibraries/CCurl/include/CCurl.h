#pragma once
#include <curl/curl.h>
#include <stddef.h>

/* What Swift cannot call: libcurl's variadic setters and getters. */

CURLcode daifa_curl_set_number(CURL *easy, CURLoption option, curl_off_t value);
/* libcurl copies strings; lists, buffers and handles must stay until the transfer's end. */
CURLcode daifa_curl_set_pointer(CURL *easy, CURLoption option, const void *value);
CURLMcode daifa_curl_multi_set_number(CURLM *multi, CURLMoption option, long value);

/* 0 for a piece of the answer makes the transfer fail. */
typedef size_t (*daifa_curl_data)(char *bytes, size_t size, size_t count, void *context);
/* Not 0 makes the transfer fail. */
typedef int (*daifa_curl_begin)(void *context, char *remote_ip, char *local_ip, int remote_port, int local_port);

struct daifa_curl_callbacks {
    daifa_curl_data header;
    daifa_curl_data write;
    /* The connection stands and the request is about to be sent. */
    daifa_curl_begin begin;
};

CURLcode daifa_curl_set_callbacks(CURL *easy, struct daifa_curl_callbacks callbacks, void *context);

/* The status of the answer, 0 as long as there is none. */
long daifa_curl_status(CURL *easy);
/* What was given as the callbacks' context. */
void *daifa_curl_context(CURL *easy);
