import Threads

/// Nobody takes the rest of a body: its producer has to end.
public struct HTTPBodyRefused: Error, Sendable {
    public init() {}
}

/// Where the producer of a long body writes it: ``HTTPResponse/producing(status:headers:_:)``. Small writes are gathered.
public final class HTTPBodyWriter {
    /// Bytes that are sent at once.
    private static let piece = 32 * 1024

    private let sink: ([UInt8]) -> Bool
    private var gathered: [UInt8] = []

    /// - Parameter sink: false: no more is taken.
    init(sink: @escaping ([UInt8]) -> Bool) { self.sink = sink }

    /// Waits while the client is slower than the producer.
    /// - Throws: when the client is gone, or the server stops.
    public func write(_ bytes: some Sequence<UInt8>) throws(HTTPBodyRefused) {
        gathered.append(contentsOf: bytes)
        if gathered.count >= Self.piece { try flush() }
    }

    /// In UTF-8. Waits and throws as the other does.
    public func write(_ text: String) throws(HTTPBodyRefused) { try write(text.utf8) }

    func flush() throws(HTTPBodyRefused) {
        guard !gathered.isEmpty else { return }
        let taken = sink(gathered)
        gathered.removeAll(keepingCapacity: true)
        guard taken else { throw HTTPBodyRefused() }
    }
}

/// The threads that produce long bodies, one each: a slow client holds up no other.
final class BodyProducers: Sendable {
    private let most: Int
    private let running = Monitor(0)

    init(most: Int) { self.most = most }

    /// - Returns: false when there are too many already, or the system gives no thread.
    func start(_ produce: @escaping HTTPResponse.Producer, into stream: HTTPStream) -> Bool {
        let isRoom = running.withLock { running in
            guard running < most else { return false }
            running += 1
            return true
        }
        guard isRoom else { return false }
        do throws(ThreadError) {
            try NamedThread("http-body") { [self] in
                let writer = HTTPBodyWriter { stream.writeWhenRoom($0) }
                do {
                    try produce(writer)
                    try writer.flush()
                    stream.close()
                } catch { stream.fail() }
                running.update { $0 -= 1 }
            }.detach()
            return true
        } catch {
            running.update { $0 -= 1 }
            return false
        }
    }

    /// Waits until all have ended.
    func wait() { _ = running.wait { $0 == 0 } }
}
