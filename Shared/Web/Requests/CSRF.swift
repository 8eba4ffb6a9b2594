public import Crypto
public import HTTP

/// What a form of ours carries so that nobody else can make a browser send it: the session's secret, masked anew for each page, because pages
/// go out compressed and repeat what was typed (BREACH).
public struct CSRFToken: Sendable {
    private static let size = 32

    private let secret: [UInt8]

    /// - Parameter secret: random, of one session; kept with it.
    /// - Returns: nil unless it has 32 bytes.
    public init?(secret: [UInt8]) {
        guard secret.count == Self.size else { return nil }
        self.secret = secret
    }

    /// A text of 86 letters, digits, `-` and `_`, another one each time.
    /// - Throws: when the system has no randomness.
    public func masked() throws(CryptoError) -> String {
        let pad = try Random.bytes(Self.size)
        return Base64URL.encode(pad + zip(pad, secret).map { $0 ^ $1 })
    }

    /// Whether it is one of this session's, in a time that tells nothing.
    public func accepts(_ text: String?) -> Bool {
        guard let text, text.utf8.count < 4 * Self.size, let bytes = Base64URL.decode(text), bytes.count == 2 * Self.size else {
            return false
        }
        return Digest.areEqual(zip(bytes[..<Self.size], bytes[Self.size...]).map { $0 ^ $1 }, secret)
    }
}

extension HTTPRequest {
    /// Whether the page that made the browser send this is ours, as far as the browser says (`Origin`, `Sec-Fetch-Site`); what says nothing is
    /// no browser, or an old one, and is let pass: the token decides.
    /// - Parameter origins: ours, in lower case: `https://console.example.com`; the address that was asked for is one of them anyway.
    public func isFromOwnPage(origins: [String]) -> Bool {
        for site in headerValues("sec-fetch-site") where site != "same-origin" && site != "none" { return false }
        for origin in headerValues("origin") {
            let origin = origin.lowercased()
            guard let scheme = ["https://", "http://"].first(where: { origin.hasPrefix($0) }) else { return false }
            let host = header("host")?.lowercased()
            guard origins.contains(origin) || host != nil && origin.dropFirst(scheme.count) == host ?? "" else { return false }
        }
        return true
    }
}
