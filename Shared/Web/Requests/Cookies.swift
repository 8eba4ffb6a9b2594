public import HTTP

/// The cookies of a request (RFC 6265, section 5.4), out of all its `Cookie` headers.
///
/// Read here because libmicrohttpd reads the first header only, ignores the case of names and ends values at commas: `__host-x` would answer
/// for `__Host-x`.
public struct Cookies: Sendable, Equatable {
    private var pairs: [(name: String, value: String)] = []

    /// Cookies that are looked at; browsers send no more.
    private static let most = 200

    public init(_ request: HTTPRequest) {
        for header in request.headerValues("cookie") {
            for part in header.split(separator: ";") {
                guard pairs.count < Self.most, let equals = part.firstIndex(of: "=") else { continue }
                let name = HeaderText.trimmed(part[..<equals])
                guard HeaderText.isToken(name) else { continue }
                var value = HeaderText.trimmed(part[part.index(after: equals)...])
                if value.utf8.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
                pairs.append((String(name), String(value)))
            }
        }
    }

    /// The value for that very name; nil where there is none, and where there are several that differ: one of them is somebody else's.
    public subscript(name: String) -> String? {
        let values = pairs.filter { $0.name == name }.map(\.value)
        return values.first.flatMap { first in values.allSatisfy { $0 == first } ? first : nil }
    }

    public var names: [String] { pairs.map(\.name) }

    public static func == (left: Cookies, right: Cookies) -> Bool { left.pairs.elementsEqual(right.pairs) { $0 == $1 } }
}

/// A cookie for a client to keep (RFC 6265, section 4.1): for this host only, by default for no script.
public struct SetCookie: Sendable, Equatable {
    public enum SameSite: String, Sendable {
        /// Not even with links from elsewhere.
        case strict = "Strict"
        /// With links from elsewhere, not with their forms.
        case lax = "Lax"
    }

    private let name: String
    private let value: String
    public var path = "/"
    /// Seconds; nil: until the browser is closed; 0: it is forgotten at once.
    public var maxAge: Int?
    /// Over https only. A name that begins with `__Host-` or `__Secure-` makes it so.
    public var isSecure = false
    /// No script may read it.
    public var isHTTPOnly = true
    public var sameSite = SameSite.lax

    /// - Returns: nil for a name that is no token, and a value with other than visible ASCII or with blank, quote, comma, semicolon, backslash.
    public init?(_ name: String, _ value: String) {
        guard HeaderText.isToken(name[...]), value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !#"",;\"#.utf8.contains($0) }) else {
            return nil
        }
        (self.name, self.value) = (name, value)
    }

    /// Of a cookie that is forgotten at once.
    public static func removed(_ name: String) -> SetCookie? {
        var cookie = SetCookie(name, "")
        cookie?.maxAge = 0
        return cookie
    }

    /// The header.
    public var header: (name: String, value: String) {
        let isHost = name.hasPrefix("__Host-")
        let plainPath = path.hasPrefix("/") && path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") } ? path : "/"
        var text = "\(name)=\(value); Path=\(isHost ? "/" : plainPath)"
        if let maxAge { text += "; Max-Age=\(max(0, maxAge))" }
        if isSecure || isHost || name.hasPrefix("__Secure-") { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        return ("Set-Cookie", text + "; SameSite=\(sameSite.rawValue)")
    }
}
