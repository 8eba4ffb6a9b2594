import CMicroHTTPD

/// One request while its body arrives and until it is answered.
final class Exchange {
    fileprivate var body: [UInt8] = []
    /// Bytes that came, kept or not.
    fileprivate var received = 0
    /// On a connection that is kept for some paths.
    let isReserved: Bool
    /// Its number among the pending answers, once its handler has it.
    fileprivate var pending: UInt64?

    init(isReserved: Bool) { self.isReserved = isReserved }
}

/// The way in which a server answers its requests.
enum RequestHandler: Sendable {
    case answering(@Sendable (HTTPRequest) -> HTTPResponse)
    case responding(@Sendable (HTTPRequest, HTTPServer.Responder) -> Void)
}

/// A server's requests; called on its thread only, but for `stop`.
final class Exchanges: Sendable {
    private let maximumBody: Int
    /// A body that is too large is read and dropped up to here, so that its sender gets to read the answer: closing a
    /// connection with unread bytes resets it. Beyond, the connection is closed.
    private let maximumDrained: Int
    private static let drained = 1 << 20
    private let maximumHeaders: Int
    private let refusals: HTTPServer.Refusals
    let table: ConnectionTable
    private let handler: RequestHandler
    private let answers = PendingAnswers()

    init(maximumBody: Int, maximumHeaders: Int, refusals: HTTPServer.Refusals, table: ConnectionTable, handler: RequestHandler) {
        self.maximumBody = maximumBody
        self.maximumHeaders = maximumHeaders
        self.refusals = refusals
        self.table = table
        maximumDrained = maximumBody + Self.drained
        self.handler = handler
    }

    /// The headers are there. Refuses at once a body that is announced to be too large when the sender waits for leave
    /// to send it, or when it is not worth dropping.
    func begin(_ connection: OpaquePointer, _ exchange: Exchange, path: String) -> MHD_Result {
        if exchange.isReserved, !refusals.reserved(path) { return send(refusals.busyAnswer(to: path), connection, closing: true) }
        guard daifa_http_header_size(connection) <= maximumHeaders else {
            return send(.text("The headers are larger than \(maximumHeaders) bytes.\n", status: 431), connection, closing: true)
        }
        guard let announced = value(connection, "Content-Length").flatMap(Int.init), announced > maximumBody else { return .YES }
        let waits = value(connection, "Expect") != nil
        return waits || announced > maximumDrained ? send(tooLarge(path), connection) : .YES
    }

    private func tooLarge(_ path: String) -> HTTPResponse {
        refusals.tooLarge?(path) ?? .text("The body is larger than \(maximumBody) bytes.\n", status: 413)
    }

    func receive(_ piece: UnsafeRawBufferPointer, for exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        table.received(UInt(bitPattern: connection), piece.count)
        exchange.received += piece.count
        if exchange.received <= maximumBody {
            exchange.body.append(contentsOf: piece)
        } else {
            exchange.body = []
        }
        return exchange.received <= maximumDrained ? .YES : .NO
    }

    /// The request is whole, or its answer is there.
    func answer(_ exchange: Exchange, _ connection: OpaquePointer, path: String, method: String) -> MHD_Result {
        guard exchange.received <= maximumBody else { return send(tooLarge(path), connection, closing: exchange.isReserved) }
        if let pending = exchange.pending { return deliver(pending, connection, exchange) }
        table.isHandled(UInt(bitPattern: connection))
        let request = HTTPRequest(
            method: method, path: path, query: fields(connection, .GET_ARGUMENT_KIND),
            headers: fields(connection, .HEADER_KIND), body: exchange.body)
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
        table.completed(UInt(bitPattern: connection))
        if let pending = exchange.pending { answers.forget(pending) }
    }

    /// Lets all connections go that wait for an answer, before the daemon is stopped.
    func stop() { answers.stop() }

    private func deliver(_ pending: UInt64, _ connection: OpaquePointer, _ exchange: Exchange) -> MHD_Result {
        switch answers.take(pending, connection) {
        case .answered(let response): sendOrRefuse(response, connection, exchange)
        case .suspended: .YES
        case .closed: .NO
        }
    }

    private func sendOrRefuse(_ response: HTTPResponse, _ connection: OpaquePointer, _ exchange: Exchange) -> MHD_Result {
        if send(response, connection, closing: exchange.isReserved) == .YES { return .YES }
        // A status or header that HTTP does not allow.
        return send(.text("The server made an answer that cannot be sent.\n", status: 500), connection)
    }

    /// - Parameter closing: the connection is not used again.
    private func send(_ response: HTTPResponse, _ connection: OpaquePointer, closing: Bool = false) -> MHD_Result {
        guard (200...599).contains(response.status) else { return .NO }
        let made = response.body.withUnsafeBytes {
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let made else { return .NO }
        defer { MHD_destroy_response(made) }
        for header in response.headers where MHD_add_response_header(made, header.name, header.value) != .YES {
            return .NO
        }
        if closing, MHD_add_response_header(made, "Connection", "close") != .YES { return .NO }
        table.answers(UInt(bitPattern: connection), response.body.count)
        return MHD_queue_response(connection, UInt32(response.status), made)
    }

    private func value(_ connection: OpaquePointer, _ name: String) -> String? {
        MHD_lookup_connection_value(connection, .HEADER_KIND, name).map { String(cString: $0) }
    }

    private func fields(_ connection: OpaquePointer, _ kind: MHD_ValueKind) -> [HTTPRequest.Field] {
        var fields: [HTTPRequest.Field] = []
        withUnsafeMutablePointer(to: &fields) { fields in
            _ = MHD_get_connection_values_n(
                connection, kind,
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
