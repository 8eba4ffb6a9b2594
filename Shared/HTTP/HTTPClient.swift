import Threads

/// Calls servers elsewhere, on libcurl, with one thread of its own for all transfers.
///
/// HTTP/1.1; certificates are always verified; redirects are not followed; no proxy is taken from the environment; connections are kept.
/// A request is sent once: when a kept connection turns out to have ended after something was sent, that is `broken`, never a silent
/// second try.
public final class HTTPClient: HTTPSender {
    public struct Limits: Sendable {
        /// Transfers at a time; more wait for one to end. Their timeout runs meanwhile.
        public var concurrentTransfers = 64
        /// For name, address and TLS.
        public var connectSeconds = 5.0
        /// Connections that are kept for the next request.
        public var idleConnections = 32
        /// A file of certificates (PEM) that are trusted besides the system's.
        public var certificateAuthorities: String?

        public init() {}
    }

    private let loop: TransferLoop

    /// - Throws: `unavailable`.
    public init(limits: Limits = Limits()) throws(HTTPError) {
        loop = try TransferLoop(limits: limits)
        try HTTPError.startingThread("http-client") { [loop] in loop.run() }.detach()
    }

    deinit { loop.close() }

    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let transfer = try Transfer(request)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                loop.start(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        return try result.get()
    }

    /// Ends the thread. A request that is under way or comes later fails with `cancelled`. A second call does nothing.
    public func close() { loop.close() }
}
