import Glibc
import Threads

/// Tells a group that a static member is gone for good: FindCoordinator v1 and LeaveGroup v3 of Kafka's protocol
/// (https://kafka.apache.org/protocol), on connections of its own, without TLS or SASL.
///
/// librdkafka sends no LeaveGroup for a member with a `group.instance.id`, so its partitions would idle for `session.timeout.ms`.
struct LeaveGroup: Sendable {
    let bootstrapServers: String
    let group: String
    let instance: String

    private static let clientName = "leave-group"

    /// Does it on a thread of its own, since looking up a name may block; gives up waiting after `seconds`.
    /// - Returns: whether the coordinator agreed.
    @discardableResult
    func send(within seconds: Double) -> Bool {
        let deadline = Deadline.after(seconds)
        let outcome = Monitor<Bool?>(nil)
        let thread = try? NamedThread("leave-group") {
            let left = leave(until: deadline)
            outcome.update { $0 = left }
        }
        guard let thread else { return false }
        thread.detach()
        return outcome.wait(until: deadline) { $0 } ?? false
    }

    private func leave(until deadline: Deadline) -> Bool {
        for server in bootstrapServers.split(separator: ",") where !deadline.hasPassed {
            guard let address = Self.address(server.drop { $0 == " " }),
                let coordinator = findCoordinator(address.host, address.port, deadline)
            else { continue }
            if leave(coordinator.host, coordinator.port, deadline) { return true }
        }
        return false
    }

    private func findCoordinator(_ host: String, _ port: String, _ deadline: Deadline) -> (host: String, port: String)? {
        var request = WireWriter(api: 10, version: 1, client: Self.clientName)
        request.string(group)
        request.int8(0)  // a group, not a transactional id
        guard var answer = PlainConnection(host, port, deadline)?.exchange(request, deadline) else { return nil }
        guard answer.int32() != nil, answer.int16() == 0, answer.skipString(), answer.int32() != nil, let host = answer.string(),
            let port = answer.int32()
        else { return nil }
        return (host, String(port))
    }

    private func leave(_ host: String, _ port: String, _ deadline: Deadline) -> Bool {
        var request = WireWriter(api: 13, version: 3, client: Self.clientName)
        request.string(group)
        request.int32(1)
        request.string("")  // the member id may be left out when the instance is named
        request.string(instance)
        guard var answer = PlainConnection(host, port, deadline)?.exchange(request, deadline) else { return false }
        return answer.int32() != nil && answer.int16() == 0
    }

    /// `[PROTOCOL://]host[:port]`, the host maybe in brackets.
    static func address(_ server: Substring) -> (host: String, port: String)? {
        var rest = server
        if let scheme = rest.range(of: "://") { rest = rest[scheme.upperBound...] }
        var port = "9092"
        if let colon = rest.lastIndex(of: ":"), !rest[colon...].contains("]") {
            port = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        }
        let host = rest.drop { $0 == "[" }.prefix { $0 != "]" }
        return host.isEmpty ? nil : (String(host), port)
    }
}

extension Substring {
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}

/// Writes a request of Kafka's protocol with a header of version 1.
struct WireWriter {
    private(set) var bytes: [UInt8] = [0, 0, 0, 0]

    init(api: Int16, version: Int16, client: String) {
        number(api)
        number(version)
        int32(1)  // correlation id: one request per connection
        string(client)
    }

    mutating func int8(_ value: Int8) { number(value) }
    mutating func int32(_ value: Int32) { number(value) }

    mutating func string(_ value: String) {
        number(Int16(truncatingIfNeeded: value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    /// The request with its length in front.
    var framed: [UInt8] {
        var result = bytes
        let length = UInt32(bytes.count - 4)
        for index in 0..<4 { result[index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(index))) }
        return result
    }

    private mutating func number<Number: FixedWidthInteger>(_ value: Number) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Reads an answer of Kafka's protocol; nil where the bytes end early.
struct WireReader {
    private var bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func int16() -> Int16? { number() }
    mutating func int32() -> Int32? { number() }

    mutating func string() -> String? {
        guard let length = int16(), length >= 0, bytes.count >= Int(length) else { return nil }
        defer { bytes = bytes.dropFirst(Int(length)) }
        return String(decoding: bytes.prefix(Int(length)), as: UTF8.self)
    }

    /// A string that may be null; false where the bytes end early.
    mutating func skipString() -> Bool {
        guard let length = int16(), bytes.count >= Int(max(0, length)) else { return false }
        bytes = bytes.dropFirst(Int(max(0, length)))
        return true
    }

    private mutating func number<Number: FixedWidthInteger>() -> Number? {
        let size = MemoryLayout<Number>.size
        guard bytes.count >= size else { return nil }
        defer { bytes = bytes.dropFirst(size) }
        return bytes.prefix(size).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }
}
