import Crypto
import HTTP

/// Text as forms, addresses and pages carry it.
enum FormText {
    /// The fields of `application/x-www-form-urlencoded`, also of a URL's query.
    static func fields(_ text: String) -> [HTTPRequest.Field] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return HTTPRequest.Field(decode(parts[0]), parts.count > 1 ? decode(parts[1]) : "")
        }
    }

    /// A URL's path and query, whatever its host.
    static func split(url: String) -> (path: String, query: [HTTPRequest.Field]) {
        var rest = Substring(url)
        if let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            rest = rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...]
        }
        rest = rest.prefix { $0 != "#" }
        let path = rest.prefix { $0 != "?" }
        return (decode(path), fields(String(rest.dropFirst(path.count + 1))))
    }

    /// Percent-encodes all but letters, digits, `-`, `.`, `_` and `~`.
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default: encoded += "%" + Hexadecimal.encode(CollectionOfOne(byte), uppercase: true)
            }
        }
        return encoded
    }

    /// Text within a page.
    static func html(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }

    /// Like `abcd…` for what should not be read over a shoulder.
    static func masked(_ text: String, showing count: Int = 4) -> String {
        text.count <= count ? String(repeating: "*", count: text.count) : text.prefix(count) + "…"
    }

    private static func decode(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
