import CRdKafka
import Threads

extension Admin {
    /// One property of topics, such as `cleanup.policy`, as it is in force. Topics that do not exist are left out.
    /// - Throws: a refusal of the brokers, or a time-out.
    public func topicProperty(_ name: String, of topics: [String], timeout seconds: Double) throws(KafkaError) -> [String: String] {
        guard !topics.isEmpty else { return [:] }
        let operation = "read \(name) of topics"
        var requests: [OpaquePointer?] = topics.map { rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
        defer { for request in requests { rd_kafka_ConfigResource_destroy(request) } }
        var found: [String: String] = [:]
        var failure: KafkaError?
        try perform(operation, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, .after(seconds)) { options, queue in
            rd_kafka_DescribeConfigs(handle.pointer, &requests, requests.count, options, queue)
        } answer: { event in
            var count = 0
            let resources = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
            for index in 0..<count {
                guard let resource = resources?[index] else { continue }
                let code = rd_kafka_ConfigResource_error(resource)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    if code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, failure == nil {
                        failure = KafkaError(
                            code, on: handle.pointer, operation: operation,
                            reason: rd_kafka_ConfigResource_error_string(resource).map { String(cString: $0) })
                    }
                    continue
                }
                if let value = Self.value(of: name, in: resource) { found[String(cString: rd_kafka_ConfigResource_name(resource))] = value }
            }
        }
        if let failure { throw failure }
        return found
    }

    private static func value(of name: String, in resource: OpaquePointer) -> String? {
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        for index in 0..<count {
            guard let entry = entries?[index], String(cString: rd_kafka_ConfigEntry_name(entry)) == name else { continue }
            return rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }
        }
        return nil
    }
}
