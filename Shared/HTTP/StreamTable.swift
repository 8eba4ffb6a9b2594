import CMicroHTTPD
import Glibc
import Synchronization

/// The answers that go out in pieces. Called on the server's thread, but for `stop`.
final class StreamTable: Sendable {
    private struct State {
        var streams: [UInt: HTTPStream] = [:]
        var isStopped = false
    }

    /// Bytes that are asked for at once.
    private static let block = 32 * 1024
    /// Seconds after which the kernel gives a connection up whose client confirms nothing: less than the pause between two signs of life, so
    /// that the second one after a client vanished finds the connection broken.
    private static let silence = 10
    /// Bytes that the kernel keeps for a client that does not read.
    private static let kernelBuffer: Int32 = 64 * 1024

    private let most: Int
    private let producers: BodyProducers
    private let table: ConnectionTable
    private let state = Mutex(State())

    init(_ limits: HTTPServer.Limits, _ table: ConnectionTable) {
        most = limits.streams ?? limits.connections / 2
        producers = BodyProducers(most: limits.producers)
        self.table = table
    }

    var count: Int { state.withLock { $0.streams.count } }

    /// The response of a stream, which is counted from here on.
    /// - Returns: nil when there are too many, or no memory; the stream has ended then.
    func open(_ stream: HTTPStream, _ produce: HTTPResponse.Producer?, _ connection: OpaquePointer) -> OpaquePointer? {
        let address = UInt(bitPattern: connection)
        let isRoom = state.withLock { state in
            guard !state.isStopped, state.streams.count < most else { return false }
            state.streams[address] = stream
            return true
        }
        stream.attach(connection)
        guard isRoom, produce.map({ producers.start($0, into: stream) }) ?? true else {
            state.withLock { _ = $0.streams.removeValue(forKey: address) }
            stream.finish(.unsent)
            return nil
        }
        let reader = StreamReader(stream, table, address)
        guard let response = reader.response(block: Self.block) else {
            close(connection)
            return nil
        }
        let descriptor = daifa_http_descriptor(connection)
        var milliseconds = UInt32(Self.silence * 1000)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
        if produce == nil {
            var bytes = Self.kernelBuffer
            setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        table.streams(address, isWaiting: false) { stream.finish(.clientGone) }
        return response
    }

    /// The exchange is over.
    func close(_ connection: OpaquePointer) {
        let stream = state.withLock { $0.streams.removeValue(forKey: UInt(bitPattern: connection)) }
        stream?.finish(.clientGone)
    }

    /// Ends all streams, before the daemon is stopped.
    func stop() {
        let streams = state.withLock { state in
            state.isStopped = true
            return Array(state.streams.values)
        }
        for stream in streams { stream.finish(.serverStopped) }
    }

    /// Waits for the threads that produce bodies; all streams have ended.
    func waitForProducers() { producers.wait() }
}

/// What libmicrohttpd holds on to while it sends a stream.
private final class StreamReader {
    private let stream: HTTPStream
    private let table: ConnectionTable
    private let connection: UInt

    init(_ stream: HTTPStream, _ table: ConnectionTable, _ connection: UInt) {
        (self.stream, self.table, self.connection) = (stream, table, connection)
    }

    func response(block: Int) -> OpaquePointer? {
        let held = Unmanaged.passRetained(self)
        let response = MHD_create_response_from_callback(
            // Of a size that is not known.
            .max, block,
            { reader, _, buffer, size in
                guard let reader, let buffer else { return StreamReader.broken }
                return Unmanaged<StreamReader>.fromOpaque(reader).takeUnretainedValue().read(.init(start: buffer, count: size))
            }, held.toOpaque(),
            { reader in if let reader { Unmanaged<StreamReader>.fromOpaque(reader).release() } })
        if response == nil { held.release() }
        return response
    }

    /// MHD_CONTENT_READER_END_OF_STREAM and MHD_CONTENT_READER_END_WITH_ERROR, macros that Swift cannot read.
    private static let complete = -1
    private static let broken = -2

    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let reading = stream.read(buffer)
        if case .waiting = reading {
            table.streams(connection, isWaiting: true)
            return 0
        }
        // All bytes before these are in the kernel's hands.
        table.streams(connection, isWaiting: false)
        return switch reading {
        case .bytes(let count): count
        case .complete: Self.complete
        case .broken, .waiting: Self.broken
        }
    }
}
