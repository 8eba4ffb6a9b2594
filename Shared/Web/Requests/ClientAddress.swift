public import HTTP

extension HTTPRequest {
    /// Who asks: the other end of the connection, or, when that is a proxy that is trusted, the last address in `X-Forwarded-For` that is none
    /// of them. Addresses before it are what anybody can write.
    /// - Returns: nil only where the peer is not known. What cannot be read ends the search at the proxy that wrote it.
    public func clientAddress(behind proxies: NetworkList) -> NetworkAddress? {
        guard var client = remoteAddress else { return nil }
        let forwarded = headerValues("x-forwarded-for").flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        for text in forwarded.reversed() {
            guard proxies.contains(client), let next = Self.address(HeaderText.trimmed(text)) else { break }
            client = next
        }
        return client
    }

    /// `192.0.2.1`, `192.0.2.1:5000`, `2001:db8::1`, `[2001:db8::1]:5000`.
    private static func address(_ text: Substring) -> NetworkAddress? {
        if let address = NetworkAddress(String(text)) { return address }
        if text.hasPrefix("[") { return NetworkAddress(String(text.dropFirst().prefix { $0 != "]" })) }
        return NetworkAddress(String(text.prefix { $0 != ":" }))
    }
}
