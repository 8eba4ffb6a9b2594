import CRdKafka
import Glibc

/// Notes of a consumer's callbacks, made on the thread that polls it, for the poll to act upon after the library's call has returned.
final class ConsumerCallbacks {
    struct Rebalance {
        let kind: rd_kafka_resp_err_t
        let partitions: [TopicPartition]
        let isLost: Bool
    }

    var rebalances: [Rebalance] = []
    var errors: [(code: rd_kafka_resp_err_t, reason: String)] = []

    static func install(on configuration: OpaquePointer) {
        rd_kafka_conf_set_rebalance_cb(configuration) { handle, kind, partitions, opaque in
            guard let handle, let partitions, let opaque else { return }
            let callbacks = Unmanaged<ConsumerCallbacks>.fromOpaque(opaque).takeUnretainedValue()
            callbacks.rebalances.append(
                .init(
                    kind: kind, partitions: PartitionList.offsets(partitions).map(\.topicPartition),
                    isLost: rd_kafka_assignment_lost(handle) != 0))
            // makes the poll return, so that the answer does not wait for its time-out
            rd_kafka_yield(handle)
        }
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            guard let opaque else { return }
            let code = rd_kafka_resp_err_t(code)
            // a fatal error also comes as a message
            guard code != RD_KAFKA_RESP_ERR__FATAL else { return }
            let callbacks = Unmanaged<ConsumerCallbacks>.fromOpaque(opaque).takeUnretainedValue()
            callbacks.errors.append((code, reason.map { String(cString: $0) } ?? ""))
        }
    }
}

/// Lets the thread rest between two tries of a blocking call.
func pause(_ seconds: Double) {
    var time = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
    nanosleep(&time, nil)
}
