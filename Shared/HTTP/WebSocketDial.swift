import CWebSockets
import Glibc

/// How a client's connection comes about: addresses to be tried, what is said in the handshake, and how it failed so far. Used by one thread
/// at a time: the one that looks the name up, then the loop's.
final class WebSocketDial: @unchecked Sendable {
    let deadline: ContinuousClock.Instant
    /// A socket exists.
    var isUnderWay = false
    private(set) var failure: WebSocketClosed

    private let destination: Destination
    private let certificates: String?
    /// Header lines, each with its end.
    private let headers: [UInt8]
    private var addresses: ArraySlice<String> = []
    private var wasRefused = false

    var origin: String { destination.origin }
    var isToBeTried: Bool { !addresses.isEmpty }
    /// An answer is an answer: another address would give the same.
    var mayGoOn: Bool { isToBeTried && !wasRefused }

    /// - Throws: `url`.
    init(
        _ url: String, headers: [(name: String, value: String)], deadline: ContinuousClock.Instant, certificates: String?
    ) throws(WebSocketClosed) {
        do throws(HTTPClientError) {
            try HeaderSyntax.check(headers)
            destination = try Destination(url, secure: "wss", plain: "ws")
        } catch { throw WebSocketClosed(.url, error.message) }
        let own = ["connection", "host", "upgrade"]
        for (name, _) in headers where own.contains(name.lowercased()) || name.lowercased().hasPrefix("sec-websocket-") {
            throw WebSocketClosed(.url, "the header \(name) is the client's own: leave it out")
        }
        let given = headers.contains { $0.name.lowercased() == "user-agent" } ? headers : headers + [("User-Agent", "daifa")]
        self.headers = given.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
        self.deadline = deadline
        self.certificates = certificates
        failure = WebSocketClosed(.connection, "\(destination.origin): no address")
    }

    /// Asks the name service, which may take its time: on a thread that has it. A name of this machine needs none.
    func lookUp() {
        let host = destination.host
        if host == "localhost" {
            addresses = ["127.0.0.1", "::1"]
            return
        }
        var hints = addrinfo()
        hints.ai_flags = AI_ADDRCONFIG
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host, nil, &hints, &found)
        guard result == 0 else {
            failure = WebSocketClosed(.connection, "\(origin): \(String(cString: gai_strerror(result))): check the name and the network")
            return
        }
        defer { freeaddrinfo(found) }
        for entry in sequence(first: found, next: { $0?.pointee.ai_next }).prefix(while: { $0 != nil }) {
            guard let entry else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0
            {
                addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
        }
    }

    /// Begins to connect to the next address; nil when that failed at once.
    func begin(_ loop: WebSocketLoop, _ link: UnsafeMutableRawPointer) -> OpaquePointer? {
        guard let address = addresses.popFirst() else { return nil }
        let isSecure = destination.scheme == "wss"
        let host = destination.port == (isSecure ? 443 : 80) ? destination.host : "\(destination.host):\(destination.port)"
        return address.withCString { address in
            host.withCString { host in
                destination.path.withCString { path in
                    var target = daifa_ws_target(
                        address: address, host: host, port: destination.port, path: path, secure: isSecure ? 1 : 0, trust: nil)
                    return loop.connect(&target, trusting: certificates, link)
                }
            }
        }
    }

    func failed(status: UInt32, why: String) {
        // 101 with something else wrong is no refusal, but no WebSocket either.
        wasRefused = status != 0
        if status != 0, status != 101 {
            failure = WebSocketClosed(.refused, code: Int(status), "\(origin): refused with HTTP status \(status)")
        } else {
            failure = WebSocketClosed(
                .connection, "\(origin): no WebSocket (\(why.isEmpty ? "no connection" : why)): check address, network and certificates")
        }
    }

    /// Writes the headers to where the pointer in the buffer points, and moves it on. False when there is no room.
    func append(to room: UnsafeMutableRawBufferPointer) -> Bool {
        guard headers.count <= room.count, let place = room.baseAddress?.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self),
            let start = place.pointee
        else { return false }
        start.update(from: headers, count: headers.count)
        place.pointee = start + headers.count
        return true
    }
}
