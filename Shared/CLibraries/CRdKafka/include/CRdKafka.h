#pragma once
#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

/* What Swift cannot call (variadic producev), and the loop that produces a batch without crossing the language border per record.
 * The record format is documented in Shared/Kafka/RecordPacker.swift. */

/* Produces one record, copying it. While the queue is full it serves the handle's callbacks and tries again.
 * packed_headers: a u16 count and the headers, or length 0 for none. */
rd_kafka_resp_err_t crdkafka_produce(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_length, const void *value,
    size_t value_length, const uint8_t *packed_headers, size_t packed_headers_length);

/* Produces every record of a packed sequence, in order. *consumed is how many bytes were handed over before an error.
 * RD_KAFKA_RESP_ERR__BAD_MSG: the bytes at *consumed are no record, or name a topic beyond topic_count. */
rd_kafka_resp_err_t crdkafka_produce_packed(
    rd_kafka_t *rk, rd_kafka_topic_t *const *topics, size_t topic_count, const uint8_t *bytes, size_t length,
    size_t *consumed);
