import CRdKafka
import Synchronization

/// Where the client library's own log lines go. They come from the library's threads.
public enum KafkaLog {
    /// - Parameters:
    ///   - level: syslog's, 0 (emergency) to 7 (debug).
    ///   - facility: librdkafka's short name for what the line is about, such as `FAIL` or `CONFWARN`.
    public typealias Handler = @Sendable (_ level: Int, _ facility: String, _ text: String) -> Void

    private static let installed = Mutex<Handler?>(nil)

    /// Set once, before the first handle is made. nil: the library is silent.
    public static var handler: Handler? {
        get { installed.withLock { $0 } }
        set { installed.withLock { $0 = newValue } }
    }

    static func install(on configuration: OpaquePointer) {
        rd_kafka_conf_set_log_cb(configuration) { _, level, facility, text in
            guard let handler = KafkaLog.handler, let facility, let text else { return }
            handler(Int(level), String(cString: facility), String(cString: text))
        }
    }
}
