import CMicroHTTPD
import Synchronization

/// One request from its first line until it is answered.
final class Exchange {
    let target: RequestTarget
    /// Percent-decoded.
    let path: String
    fileprivate(set) var method = ""
    /// Its headers are there.
    fileprivate(set) var hasBegun = false
    fileprivate var maximumBody = 0
    fileprivate var body: [UInt8] = []
    /// Bytes that came, kept or not.
    fileprivate var received = 0
    /// Of these, how many count among the server's bodies.
    fileprivate var kept = 0
    /// The server has no room for its body.
    fileprivate var isCrowdedOut = false
    /// On a connection that is kept for some paths.
    fileprivate var isReserved = false
    /// Its number among the pending answers, once its handler has it.
    fileprivate var pending: UInt64?

    init(_ target: RequestTarget) {
        self.target = target
        path = target.path
    }
}

/// The way in which a server answers its requests.
enum RequestHandler: Sendable {
    case answering(@Sendable (HTTPRequest) -> HTTPResponse)
    case responding(@Sendable (HTTPRequest, HTTPServer.Responder) -> Void)
}

/// A server's requests; called on its thread only, but for `stop`.
final class Exchanges: Sendable {
    /// A body that is too large is read and dropped up to here beyond its largest size, so that its sender gets to read the answer: closing a
    /// connection with unread bytes resets it. Beyond, the connection is closed.
    private static let drained = 1 << 20

    private let maximumBody: Int
    private let limits: HTTPServer.Limits
    private let refusals: HTTPServer.Refusals
    let table: ConnectionTable
    private let handler: RequestHandler
    private let answers = PendingAnswers()
    let streams: StreamTable
    /// Bytes of all bodies.
    private let bodies = Atomic(0)

    init(
        maximumBody: Int, limits: HTTPServer.Limits, refusals: HTTPServer.Refusals, table: ConnectionTable, handler: RequestHandler
    ) {
        self.maximumBody = maximumBody
        self.limits = limits
        self.refusals = refusals
        self.table = table
        self.handler = handler
        streams = StreamTable(limits, table)
    }

    /// The headers are there. Refuses at once a body that is announced to be too large when the sender waits for leave
    /// to send it, or when it is not worth dropping.
    func begin(_ connection: OpaquePointer, _ exchange: Exchange, method: String) -> MHD_Result {
        exchange.method = method
        exchange.hasBegun = true
        exchange.isReserved = table.began(UInt(bitPattern: connection))
        exchange.maximumBody = limits.maximumBody?(method, exchange.target) ?? maximumBody
        if exchange.isReserved, !refusals.reserved(exchange.path) {
            return send(refusals.busyAnswer(to: exchange.path), connection, closing: true)
        }
        guard daifa_http_header_size(connection) <= limits.maximumHeaders else {
            return send(.text("The headers are larger than \(limits.maximumHeaders) bytes.\n", status: 431), connection, closing: true)
        }
        guard let announced = value(connection, "Content-Length").flatMap(Int.init), announced > exchange.maximumBody else { return .YES }
        let waits = value(connection, "Expect") != nil && !limits.handsOverTooLarge
        return waits || announced - exchange.maximumBody > Self.drained ? send(tooLarge(exchange), connection) : .YES
    }

    private func tooLarge(_ exchange: Exchange) -> HTTPResponse {
        refusals.tooLarge?(exchange.path) ?? .text("The body is larger than \(exchange.maximumBody) bytes.\n", status: 413)
    }

    func receive(_ piece: UnsafeRawBufferPointer, for exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        table.received(UInt(bitPattern: connection), piece.count)
        exchange.received += piece.count
        if exchange.received <= exchange.maximumBody, !exchange.isCrowdedOut {
            exchange.body.append(contentsOf: piece)
            exchange.kept += piece.count
            if bodies.add(piece.count, ordering: .relaxed).newValue > limits.bodyMemory { exchange.isCrowdedOut = true }
        }
        if exchange.received > exchange.maximumBody || exchange.isCrowdedOut {
            exchange.body = []
            release(exchange)
        }
        return exchange.received - exchange.maximumBody <= Self.drained ? .YES : .NO
    }

    private func release(_ exchange: Exchange) {
        bodies.subtract(exchange.kept, ordering: .relaxed)
        exchange.kept = 0
    }

    /// The request is whole, or its answer is there.
    func answer(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        if let pending = exchange.pending { return deliver(pending, connection, exchange) }
        let isTooLarge = exchange.received > exchange.maximumBody
        if isTooLarge, !limits.handsOverTooLarge { return send(tooLarge(exchange), connection, closing: exchange.isReserved) }
        if exchange.isCrowdedOut, !isTooLarge {
            return send(refusals.busyAnswer(to: exchange.path), connection, closing: exchange.isReserved)
        }
        table.isHandled(UInt(bitPattern: connection))
        var request = HTTPRequest(
            method: exchange.method, target: exchange.target, headers: headers(connection), body: exchange.body,
            remoteAddress: daifa_http_peer(connection).flatMap { NetworkAddress($0) })
        request.isBodyTooLarge = isTooLarge
        exchange.body = []
        switch handler {
        case .answering(let handler):
            return sendOrRefuse(handler(request), connection, exchange)
        case .responding(let handler):
            let pending = answers.open()
            exchange.pending = pending
            handler(request, HTTPServer.Responder(pending, answers))
            return deliver(pending, connection, exchange)
        }
    }

    /// The exchange is over, however it ended.
    func end(_ exchange: Exchange, _ connection: OpaquePointer) {
        streams.close(connection)
        if exchange.hasBegun { table.completed(UInt(bitPattern: connection)) }
        release(exchange)
        if let pending = exchange.pending { answers.forget(pending) }
    }

    /// Lets all connections go that wait for an answer, before the daemon is stopped.
    func stop() {
        answers.stop()
        streams.stop()
    }

    /// After the daemon was stopped.
    func waitForProducers() { streams.waitForProducers() }

    private func deliver(_ pending: UInt64, _ connection: OpaquePointer, _ exchange: Exchange) -> MHD_Result {
        switch answers.take(pending, connection) {
        case .answered(let response): sendOrRefuse(response, connection, exchange)
        case .suspended: .YES
        case .closed: .NO
        }
    }

    private func sendOrRefuse(_ response: HTTPResponse, _ connection: OpaquePointer, _ exchange: Exchange) -> MHD_Result {
        var response = response
        if exchange.method == "HEAD", response.stream != nil {
            // The library would send an empty chunk behind the headers.
            response.isNotSent()
            response = HTTPResponse(status: response.status, headers: response.headers)
        }
        if send(response, connection, closing: exchange.isReserved) == .YES { return .YES }
        guard let stream = response.stream else { return sendBad(connection) }
        // Too many streams, unless it was the status or a header.
        let isFull = stream.end == .unsent
        stream.finish(.unsent)
        return isFull ? send(refusals.busyAnswer(to: exchange.path), connection, closing: exchange.isReserved) : sendBad(connection)
    }

    /// A status or header that HTTP does not allow.
    private func sendBad(_ connection: OpaquePointer) -> MHD_Result {
        send(.text("The server made an answer that cannot be sent.\n", status: 500), connection)
    }

    /// - Parameter closing: the connection is not used again.
    private func send(_ response: HTTPResponse, _ connection: OpaquePointer, closing: Bool = false) -> MHD_Result {
        guard (200...599).contains(response.status) else { return .NO }
        let made =
            if let stream = response.stream {
                streams.open(stream, response.producer, connection)
            } else {
                response.body.withUnsafeBytes {
                    MHD_create_response_from_buffer(
                        $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
                }
            }
        guard let made else { return .NO }
        defer { MHD_destroy_response(made) }
        for header in response.headers where MHD_add_response_header(made, header.name, header.value) != .YES {
            return .NO
        }
        if closing, MHD_add_response_header(made, "Connection", "close") != .YES { return .NO }
        if response.stream == nil { table.answers(UInt(bitPattern: connection), response.body.count) }
        return MHD_queue_response(connection, UInt32(response.status), made)
    }

    private func value(_ connection: OpaquePointer, _ name: String) -> String? {
        MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
    }

    private func headers(_ connection: OpaquePointer) -> [HTTPRequest.Field] {
        var fields: [HTTPRequest.Field] = []
        withUnsafeMutablePointer(to: &fields) { fields in
            _ = MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { fields, _, name, nameSize, value, valueSize in
                    let name = UnsafeRawBufferPointer(start: name, count: nameSize)
                    let value = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : valueSize)
                    fields?.assumingMemoryBound(to: [HTTPRequest.Field].self).pointee.append(
                        HTTPRequest.Field(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
                    return .YES
                }, fields)
        }
        return fields
    }
}
