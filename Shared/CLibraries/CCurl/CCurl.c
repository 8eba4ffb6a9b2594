#include "CCurl.h"

CURLcode daifa_curl_set_number(CURL *easy, CURLoption option, curl_off_t value) {
    /* Large numbers are options of their own; the others take a long, and the wrong one of the two would be undefined. */
    if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) return curl_easy_setopt(easy, option, value);
    return curl_easy_setopt(easy, option, (long)value);
}

CURLcode daifa_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

CURLMcode daifa_curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

CURLcode daifa_curl_set_callbacks(CURL *easy, struct daifa_curl_callbacks callbacks, void *context) {
    curl_easy_setopt(easy, CURLOPT_PRIVATE, context);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callbacks.header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callbacks.write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, context);
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, callbacks.begin);
}

long daifa_curl_status(CURL *easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

void *daifa_curl_context(CURL *easy) {
    char *context = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &context);
    return context;
}
