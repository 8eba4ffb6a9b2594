import CMicroHTTPD
import Threads

/// The body of an answer that goes out in pieces while it is written, by any thread: ``HTTPResponse/streaming(_:status:headers:)``.
///
/// Writing never blocks. What the client has not taken yet waits, up to a bound; beyond it the stream ends. A connection whose stream has
/// nothing to send is suspended: it costs no time, has no time limit, and counts among the server's.
public final class HTTPStream: Sendable {
    /// Why a stream is over.
    public enum End: Sendable, Equatable {
        /// ``HTTPStream/close()``: the client gets what was written before.
        case closed
        /// ``HTTPStream/fail()``: the client sees a broken body.
        case failed
        /// More waited than may: what waited was dropped, the client gets the farewell.
        case overflowed
        /// The client left, or took nothing for too long.
        case clientGone
        /// It was never sent: a HEAD, an answer that came too late, or a server with too many streams.
        case unsent
        case serverStopped
    }

    private struct State {
        var pieces: ArraySlice<[UInt8]> = []
        /// Bytes of the first piece that are on their way.
        var taken = 0
        var bytes = 0
        /// The connection's address.
        var connection: UInt = 0
        var isSuspended = false
        var end: End?

        /// nil: nothing waits.
        mutating func take(_ target: UnsafeMutableRawBufferPointer) -> Int? {
            var count = 0
            while count < target.count, let first = pieces.first {
                let part = first[taken...].prefix(target.count - count)
                UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyBytes(from: part)
                count += part.count
                taken += part.count
                if taken == first.count {
                    pieces.removeFirst()
                    taken = 0
                }
            }
            bytes -= count
            return count > 0 ? count : nil
        }

        mutating func put(_ piece: [UInt8]) {
            pieces.append(piece)
            bytes += piece.count
        }

        /// All but the rest of a piece that is on its way.
        mutating func dropWaiting() {
            pieces = taken > 0 ? pieces.prefix(1) : []
            bytes = pieces.first.map { $0.count - taken } ?? 0
        }
    }

    private let mostBytes: Int
    private let mostPieces: Int
    private let farewell: [UInt8]
    private let ended: @Sendable (End) -> Void
    private let state = Monitor(State())

    /// - Parameters:
    ///   - mostBytes: that wait for the client.
    ///   - mostPieces: calls of `write` that wait for the client.
    ///   - farewell: what a client gets whose stream ends because more waited.
    ///   - ended: called once, when no more can be written, on whatever thread brought it about: it must not block.
    public init(
        mostBytes: Int = 1 << 20, mostPieces: Int = 256, farewell: [UInt8] = [], ended: @escaping @Sendable (End) -> Void = { _ in }
    ) {
        (self.mostBytes, self.mostPieces, self.farewell, self.ended) = (mostBytes, mostPieces, farewell, ended)
    }

    /// nil while it can be written.
    public var end: End? { state.withLock { $0.end } }

    /// - Returns: false when the stream is over, or is by this.
    @discardableResult public func write(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return end == nil }
        let (isWritten, hasOverflowed) = state.withLock { state in
            guard state.end == nil else { return (false, false) }
            defer { wake(&state) }
            if bytes.count <= mostBytes - state.bytes, state.pieces.count < mostPieces {
                state.put(bytes)
                return (true, false)
            }
            state.dropWaiting()
            if !farewell.isEmpty { state.put(farewell) }
            state.end = .overflowed
            return (false, true)
        }
        if hasOverflowed { ended(.overflowed) }
        return isWritten
    }

    /// Writes as soon as there is room; blocks the thread.
    func writeWhenRoom(_ bytes: [UInt8]) -> Bool {
        state.wait { state -> Bool? in
            guard state.end == nil else { return false }
            guard state.bytes == 0 || bytes.count <= self.mostBytes - state.bytes else { return nil }
            state.put(bytes)
            self.wake(&state)
            return true
        } ?? false
    }

    /// Ends the body after what was written.
    public func close() { finish(.closed) }

    /// Ends the body so that the client sees that it is not whole.
    public func fail() { finish(.failed) }

    /// - Parameter end: the first one counts.
    func finish(_ end: End) {
        let isFirst = state.update { state in
            guard state.end == nil else {
                // What waits is for nobody any more.
                if end == .clientGone || end == .serverStopped { breakOff(&state) }
                return false
            }
            state.end = end
            if end == .closed { wake(&state) } else { breakOff(&state) }
            return true
        }
        if isFirst { ended(end) }
    }

    private func breakOff(_ state: inout State) {
        state.pieces = [Self.broken]
        (state.taken, state.bytes) = (0, 0)
        wake(&state)
    }

    /// A piece that no writer makes: the body ends here, not whole.
    private static let broken: [UInt8] = []

    private func wake(_ state: inout State) {
        guard state.isSuspended else { return }
        state.isSuspended = false
        MHD_resume_connection(OpaquePointer(bitPattern: state.connection))
    }

    // MARK: The server's thread

    func attach(_ connection: OpaquePointer) { state.withLock { $0.connection = UInt(bitPattern: connection) } }

    enum Reading { case bytes(Int), waiting, complete, broken }

    /// The next bytes; the connection is suspended when there are none yet.
    func read(_ target: UnsafeMutableRawBufferPointer) -> Reading {
        let reading = state.withLock { state -> Reading in
            if let first = state.pieces.first, first.isEmpty { return .broken }
            if let count = state.take(target) { return .bytes(count) }
            if state.end != nil { return .complete }
            state.isSuspended = true
            MHD_suspend_connection(OpaquePointer(bitPattern: state.connection))
            return .waiting
        }
        if case .bytes = reading { state.notify() }
        return reading
    }
}
