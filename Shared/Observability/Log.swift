import Glibc
import JSON
import Threads

/// Severities, from the most talkative one (the levels of swift-log).
public enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case trace, debug, info, notice, warning, error, critical

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}

/// Plain lines for people.
public enum Log {
    /// One plain line on standard error, for what a person reads before the process ends.
    public static func line(_ text: String) {
        let line = Array((text + "\n").utf8)
        line.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Writes one JSON object a line to standard error. Values never hold secrets or personal data: callers pass ids, counts and codes.
public struct Logger: Sendable {
    /// The name of the service that logs.
    public let label: String
    public let level: LogLevel

    public init(label: String, level: LogLevel) {
        self.label = label
        self.level = level
    }

    public func log(_ level: LogLevel, _ message: String, _ metadata: KeyValuePairs<String, String> = [:]) {
        guard level >= self.level else { return }
        var writer = JSONWriter(capacity: 256)
        writer.raw("{\"time\":")
        writer.string(Clock.now.description)
        writer.raw(",\"level\":")
        writer.string(level.rawValue)
        writer.raw(",\"service\":")
        writer.string(label)
        writer.raw(",\"message\":")
        writer.string(message)
        for (name, value) in metadata {
            writer.byte(UInt8(ascii: ","))
            writer.string(name)
            writer.byte(UInt8(ascii: ":"))
            writer.string(value)
        }
        writer.raw("}\n")
        // One write call, so that lines of several threads do not mix.
        writer.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    public func debug(_ message: String, _ metadata: KeyValuePairs<String, String> = [:]) { log(.debug, message, metadata) }
    public func info(_ message: String, _ metadata: KeyValuePairs<String, String> = [:]) { log(.info, message, metadata) }
    public func notice(_ message: String, _ metadata: KeyValuePairs<String, String> = [:]) { log(.notice, message, metadata) }
    public func warning(_ message: String, _ metadata: KeyValuePairs<String, String> = [:]) { log(.warning, message, metadata) }
    public func error(_ message: String, _ metadata: KeyValuePairs<String, String> = [:]) { log(.error, message, metadata) }
}
