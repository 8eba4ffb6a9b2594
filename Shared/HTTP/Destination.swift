import CCurl

/// A URL that may be called: encrypted, or on this machine.
final class Destination: @unchecked Sendable {
    /// In lower case.
    let scheme: String
    /// In lower case, an IPv6 address in brackets.
    let host: String
    let port: UInt16
    /// As given, with the query.
    let path: String
    /// libcurl's own form, which is read only from here on.
    let handle: OpaquePointer

    /// Safe to show: path, query and fragment may hold secrets.
    var origin: String { "\(scheme)://\(host):\(port)" }

    /// - Parameters:
    ///   - secure: the scheme that may go anywhere.
    ///   - plain: the scheme that may go to this machine only,
    ///   - anywhere: unless it may go anywhere too.
    /// - Throws: `url`.
    init(_ url: String, secure: String, plain: String, anywhere: Bool = false) throws(HTTPClientError) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPClientError(.url, "the URL holds a space, a control character or a letter beyond ASCII: percent-encode it")
        }
        guard let handle = curl_url() else { throw HTTPClientError(.url, "no memory left to read a URL") }
        self.handle = handle
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER | CURLU_PATH_AS_IS)
        let code = curl_url_set(handle, CURLUPART_URL, url, flags)
        let part = { (part: CURLUPart) -> String? in
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        let scheme = part(CURLUPART_SCHEME)?.lowercased() ?? ""
        let host = part(CURLUPART_HOST)?.lowercased() ?? ""
        let given = part(CURLUPART_PORT)
        let port = given.map { UInt16($0) ?? 0 } ?? (scheme == secure ? 443 : 80)
        self.scheme = scheme
        self.host = host
        self.port = port
        path = (part(CURLUPART_PATH) ?? "/") + (part(CURLUPART_QUERY).map { "?" + $0 } ?? "")
        guard code == CURLUE_OK, !host.isEmpty, port > 0 else {
            throw HTTPClientError(.url, "the URL is malformed (\(String(cString: curl_url_strerror(code)))): write \(secure)://host/path")
        }
        guard scheme == secure || scheme == plain && (anywhere || Self.isLoopback(host)) else {
            throw HTTPClientError(
                .url, "\(origin) is not called: use \(secure), or \(plain) with localhost, [::1] or an address that begins with 127.")
        }
    }

    deinit { curl_url_cleanup(handle) }

    /// Whether a host can be on this machine only, whatever the name service says.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil && $0.utf8.allSatisfy { $0 != 0x2B } }
    }
}

/// Which addresses may be called at all, for who checks them before there is a call.
public enum CallableURL {
    /// - Parameters:
    ///   - secure: the scheme that may go anywhere.
    ///   - plain: the scheme that may go to this machine only: `localhost`, `[::1]`, or an address that begins with 127.
    ///   - anywhere: the plain scheme may go anywhere too.
    /// - Throws: `url`, saying what is wrong; without path and query, which may hold secrets.
    public static func check(
        _ url: String, secure: String = "https", plain: String = "http", anywhere: Bool = false
    ) throws(HTTPClientError) {
        _ = try Destination(url, secure: secure, plain: plain, anywhere: anywhere)
    }
}

/// The characters that may stand in a request's head (RFC 9110, sections 5.5 and 5.6.2).
enum HeaderSyntax {
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    /// Refuses what would end a header and begin another, and lengths that the sender itself says.
    static func check(_ headers: [(name: String, value: String)]) throws(HTTPClientError) {
        for (name, value) in headers {
            guard isToken(name) else { throw HTTPClientError(.url, "a header's name is empty or holds what no name may hold") }
            guard isValue(value) else { throw HTTPClientError(.url, "the header \(name) holds a line break or another control character") }
            guard !["content-length", "transfer-encoding"].contains(name.lowercased()) else {
                throw HTTPClientError(.url, "the header \(name) is the client's own: leave it out")
            }
        }
    }
}
