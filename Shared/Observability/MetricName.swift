/// Every metric there is. A registry makes no others.
public enum MetricName: String, CaseIterable, Sendable {
    // What a process is.
    case buildInfo = "daifa_build_info"
    case ready = "daifa_ready"
    case processCPU = "process_cpu_seconds_total"
    case processMemory = "process_resident_memory_bytes"
    case processStart = "process_start_time_seconds"
    case processFiles = "process_open_fds"
    // Its shards.
    case partitions = "daifa_partitions"
    case shards = "daifa_shards"
    case epochs = "daifa_epoch_changes_total"
    case lag = "daifa_lag_records"
    // From reading to publishing.
    case records = "daifa_records_total"
    case skipped = "daifa_records_skipped_total"
    case copies = "daifa_copies_total"
    case carried = "daifa_carried_total"
    case batchSize = "daifa_batch_records"
    case recordAge = "daifa_record_age_seconds"
    case decideSeconds = "daifa_decide_seconds"
    case storeSeconds = "daifa_store_seconds"
    case publishSeconds = "daifa_publish_seconds"
    case published = "daifa_records_published_total"
    case publishFailures = "daifa_publish_failures_total"
    case outbox = "daifa_outbox_batches"
    case outboxOldest = "daifa_outbox_oldest_timestamp_seconds"
    // What came of messages.
    case refusals = "daifa_refusals_total"
    case deadLetters = "daifa_dead_letters_total"
    case unreadableState = "daifa_unreadable_state_total"
    // Effects and partners.
    case effects = "daifa_effects"
    case effectStates = "daifa_effect_states"
    case effectAttempts = "daifa_effect_attempts_total"
    case effectSeconds = "daifa_effect_seconds"
    case partnerCalls = "daifa_partner_calls_total"
    case partnerSeconds = "daifa_partner_call_seconds"
    case socketMessages = "daifa_messages_total"
    case socketConnected = "daifa_message_socket_connected"
    case socketBacklog = "daifa_message_backlog"
    case passedOver = "daifa_download_rows_passed_over_total"
    // The console.
    case modelLag = "daifa_model_lag_seconds"
    case requests = "daifa_http_requests_total"
    case requestSeconds = "daifa_http_request_seconds"
    case streams = "daifa_http_streams"
    // Traces.
    case spansExported = "daifa_spans_exported_total"
    case spansDropped = "daifa_spans_dropped_total"

    public var declaration: MetricDeclaration {
        switch self {
        case .buildInfo, .ready, .processCPU, .processMemory, .processStart, .processFiles, .spansExported, .spansDropped: ofProcesses
        case .partitions, .shards, .epochs, .lag, .outbox, .outboxOldest: ofShards
        case .records, .skipped, .copies, .carried, .batchSize, .recordAge, .decideSeconds, .storeSeconds, .publishSeconds, .published,
            .publishFailures, .refusals, .deadLetters, .unreadableState:
            ofMessages
        case .effects, .effectStates, .effectAttempts, .effectSeconds, .partnerCalls, .partnerSeconds, .socketMessages, .socketConnected,
            .socketBacklog, .passedOver:
            ofEffects
        case .modelLag, .requests, .requestSeconds, .streams: ofConsole
        }
    }
}
