import Glibc

/// A TCP connection on this machine, for what no well-behaved client or server sends.
final class RawConnection {
    private let descriptor: Int32
    private(set) var isConnected: Bool

    /// One that a `RawServer` accepted.
    init(accepted descriptor: Int32) {
        self.descriptor = descriptor
        isConnected = true
        limitReading()
    }

    init(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let descriptor = descriptor
        isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        limitReading()
    }

    deinit { close(descriptor) }

    /// A test that waits for an answer that never comes shall fail, not hang.
    private func limitReading() {
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// False when the other side no longer listens.
    @discardableResult func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// All that comes until the other side closes.
    func readToEnd() -> String {
        var all: [UInt8] = []
        while let piece = readSome() { all += piece }
        return String(decoding: all, as: UTF8.self)
    }

    /// Reads on until the text ends so; what came until then when it never does.
    func read(until end: String) -> String {
        var all: [UInt8] = []
        while !all.suffix(end.utf8.count).elementsEqual(end.utf8), let piece = readSome(1) { all += piece }
        return String(decoding: all, as: UTF8.self)
    }

    /// A request's head and the body that its `Content-Length` announces; empty when the other side has closed.
    func readRequest() -> String {
        let head = read(until: "\r\n\r\n")
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        guard let left = length.flatMap({ Int($0.split(separator: " ").last ?? "") }), left > 0 else { return head }
        return head + String(decoding: read(count: left), as: UTF8.self)
    }

    /// So many bytes; fewer when the other side closes before.
    func read(count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let piece = readSome(count - bytes.count) { bytes += piece }
        return bytes
    }

    /// From here on sending fails where the other side reads nothing for a second.
    func limitSending() {
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// From here on closing is a reset, as of a process that dies.
    func resetWhenClosed() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }

    private func readSome(_ most: Int = 4096) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer.prefix(count)) : nil
    }
}
