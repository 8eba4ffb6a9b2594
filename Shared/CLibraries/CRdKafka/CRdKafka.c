#include "CRdKafka.h"
#include <string.h>

/* How long a full queue is served before the record is offered again, in milliseconds. */
enum { QUEUE_FULL_WAIT = 5 };

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} cursor;

static int take(cursor *c, void *out, size_t n) {
    if ((size_t)(c->end - c->at) < n) return 0;
    memcpy(out, c->at, n);
    c->at += n;
    return 1;
}

/* An i32 length (-1: null) and that many bytes. */
static int take_bytes(cursor *c, const uint8_t **bytes, size_t *length) {
    int32_t n;
    if (!take(c, &n, 4) || n < -1 || (n > 0 && (size_t)n > (size_t)(c->end - c->at))) return 0;
    *bytes = n < 0 ? NULL : c->at;
    *length = n < 0 ? 0 : (size_t)n;
    c->at += *length;
    return 1;
}

/* NULL headers with a true result: there are none. */
static int take_headers(cursor *c, rd_kafka_headers_t **headers) {
    uint16_t count;
    *headers = NULL;
    if (!take(c, &count, 2)) return 0;
    if (count == 0) return 1;
    rd_kafka_headers_t *made = rd_kafka_headers_new(count);
    for (uint16_t i = 0; i < count; i++) {
        uint8_t name_length;
        const uint8_t *value;
        size_t value_length;
        if (!take(c, &name_length, 1) || (size_t)(c->end - c->at) < name_length) goto corrupt;
        const char *name = (const char *)c->at;
        c->at += name_length;
        if (!take_bytes(c, &value, &value_length)) goto corrupt;
        rd_kafka_header_add(made, name, name_length, value, (ssize_t)value_length);
    }
    *headers = made;
    return 1;
corrupt:
    rd_kafka_headers_destroy(made);
    return 0;
}

/* Takes the headers over, also on failure. */
static rd_kafka_resp_err_t hand_over(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length, const void *value,
    size_t value_length, rd_kafka_headers_t *headers) {
    for (;;) {
        rd_kafka_resp_err_t err =
            headers ? rd_kafka_producev(
                          rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_length),
                          RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END)
                    : rd_kafka_producev(
                          rk, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key_length),
                          RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_END);
        if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            rd_kafka_poll(rk, QUEUE_FULL_WAIT);
            continue;
        }
        if (err && headers) rd_kafka_headers_destroy(headers);
        return err;
    }
}

rd_kafka_resp_err_t crdkafka_produce(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length, const void *value,
    size_t value_length, const uint8_t *packed_headers, size_t packed_headers_length) {
    rd_kafka_headers_t *headers = NULL;
    if (packed_headers_length) {
        cursor c = {packed_headers, packed_headers + packed_headers_length};
        if (!take_headers(&c, &headers)) return RD_KAFKA_RESP_ERR__BAD_MSG;
        if (c.at != c.end) {
            if (headers) rd_kafka_headers_destroy(headers);
            return RD_KAFKA_RESP_ERR__BAD_MSG;
        }
    }
    return hand_over(rk, topic, partition, key, key_length, value, value_length, headers);
}

rd_kafka_resp_err_t crdkafka_produce_packed(
    rd_kafka_t *rk, rd_kafka_topic_t *const *topics, size_t topic_count, const uint8_t *bytes, size_t length,
    size_t *consumed) {
    cursor c = {bytes, bytes + length};
    *consumed = 0;
    while (c.at < c.end) {
        uint32_t record_length;
        if (!take(&c, &record_length, 4) || record_length > (size_t)(c.end - c.at)) return RD_KAFKA_RESP_ERR__BAD_MSG;
        cursor r = {c.at, c.at + record_length};
        uint8_t topic;
        int32_t partition;
        const uint8_t *key, *value;
        size_t key_length, value_length;
        rd_kafka_headers_t *headers;
        if (!take(&r, &topic, 1) || topic >= topic_count || !topics[topic] || !take(&r, &partition, 4) ||
            !take_bytes(&r, &key, &key_length) || !take_bytes(&r, &value, &value_length) || !take_headers(&r, &headers))
            return RD_KAFKA_RESP_ERR__BAD_MSG;
        if (r.at != r.end) {
            if (headers) rd_kafka_headers_destroy(headers);
            return RD_KAFKA_RESP_ERR__BAD_MSG;
        }
        rd_kafka_resp_err_t err =
            hand_over(rk, topics[topic], partition, key, key_length, value, value_length, headers);
        if (err) return err;
        c.at = r.end;
        *consumed = (size_t)(c.at - bytes);
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}
