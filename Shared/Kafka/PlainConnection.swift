import Glibc
import Threads

/// A TCP connection for one request of Kafka's protocol, bounded in time.
struct PlainConnection: ~Copyable {
    private static let longestAnswer = 1 << 20
    private let descriptor: Int32

    /// nil when nobody answers at that address before the deadline.
    init?(_ host: String, _ port: String, _ deadline: Deadline) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0 else { return nil }
        defer { freeaddrinfo(found) }
        var candidate = found
        while let address = candidate?.pointee {
            if let connected = Self.connect(address, deadline) {
                descriptor = connected
                return
            }
            candidate = address.ai_next
        }
        return nil
    }

    deinit { close(descriptor) }

    /// Sends a request and gives what follows the answer's correlation id.
    func exchange(_ request: WireWriter, _ deadline: Deadline) -> WireReader? {
        guard send(request.framed, deadline), let head = receive(4, deadline) else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        guard length >= 4, length <= Self.longestAnswer, let answer = receive(length, deadline) else { return nil }
        return WireReader(answer.dropFirst(4))
    }

    private static func connect(_ address: addrinfo, _ deadline: Deadline) -> Int32? {
        let type = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, type, address.ai_protocol)
        guard descriptor >= 0 else { return nil }
        if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
        var failure: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard errno == EINPROGRESS, ready(descriptor, POLLOUT, deadline),
            getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) == 0, failure == 0
        else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func ready(_ descriptor: Int32, _ events: Int32, _ deadline: Deadline) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&wanted, 1, deadline.remainingMilliseconds) == 1
    }

    private func send(_ bytes: [UInt8], _ deadline: Deadline) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard Self.ready(descriptor, POLLOUT, deadline) else { return false }
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    private func receive(_ count: Int, _ deadline: Deadline) -> ArraySlice<UInt8>? {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            guard Self.ready(descriptor, POLLIN, deadline) else { return nil }
            let more = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + received, count - received, 0) }
            guard more > 0 else { return nil }
            received += more
        }
        return bytes[...]
    }
}
