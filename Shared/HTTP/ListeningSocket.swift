import Glibc

/// A TCP socket that listens. It is opened here and not by libmicrohttpd, which does not tell why it could not.
struct ListeningSocket {
    let descriptor: Int32
    let port: UInt16

    /// Connections that the kernel holds until they are accepted.
    private static let backlog: Int32 = 128

    static func open(host: String, port: UInt16) throws(HTTPError) -> ListeningSocket {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let address = found else {
            throw HTTPError(
                kind: .unavailable,
                message: "HTTP on \(host):\(port): no such address (\(String(cString: gai_strerror(result)))): "
                    + "name an address of this machine, or 0.0.0.0 for all")
        }
        defer { freeaddrinfo(address) }

        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.pointee.ai_family, type, 0)
        guard descriptor >= 0 else { throw failure(host, port, errno) }
        // A port whose last connections are still fading away may be used again at once.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(descriptor, backlog) == 0
        else {
            let reason = errno
            close(descriptor)
            throw failure(host, port, reason)
        }
        return ListeningSocket(descriptor: descriptor, port: actualPort(descriptor) ?? port)
    }

    private static func actualPort(_ descriptor: Int32) -> UInt16? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard result == 0 else { return nil }
        // The port is at the same place in the addresses of IPv4 and IPv6.
        return withUnsafeBytes(of: &storage) {
            UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: MemoryLayout<sockaddr_in>.offset(of: \.sin_port) ?? 2, as: UInt16.self))
        }
    }

    private static func failure(_ host: String, _ port: UInt16, _ reason: Int32) -> HTTPError {
        let text = String(cString: strerror(reason))
        switch reason {
        case EADDRINUSE:
            return HTTPError(
                kind: .portInUse,
                message: "HTTP on \(host):\(port): port \(port) is in use by another process: stop it, or choose another port")
        case EACCES:
            return HTTPError(
                kind: .unavailable, message: "HTTP on \(host):\(port): \(text): ports below 1024 need privileges; choose another")
        default:
            return HTTPError(kind: .unavailable, message: "HTTP on \(host):\(port): \(text): check host and port")
        }
    }
}
