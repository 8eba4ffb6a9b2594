import Synchronization

/// A client that is made with its first request: a process that calls nobody has no thread for it.
public final class LazyHTTPClient: HTTPSender {
    private let client = Mutex<HTTPClient?>(nil)
    private let limits: HTTPClient.Limits

    public init(limits: HTTPClient.Limits = HTTPClient.Limits()) { self.limits = limits }

    public func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let made: Result<HTTPClient, HTTPError> = client.withLock { client in
            if let client { return .success(client) }
            do throws(HTTPError) {
                let made = try HTTPClient(limits: limits)
                client = made
                return .success(made)
            } catch { return .failure(error) }
        }
        switch made {
        case .success(let client): return try await client.send(request)
        case .failure(let error): throw HTTPClientError(.connection, error.message)
        }
    }
}
