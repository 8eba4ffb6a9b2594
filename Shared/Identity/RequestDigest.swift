import Crypto
public import JSON

/// Tells whether two requests say the same.
public enum RequestDigest {
    /// SHA-256 of a JSON document without regard to white space, escapes and the order of members.
    /// - Throws: what is wrong with the document.
    public static func json(_ document: [UInt8]) throws(JSONError) -> [UInt8] {
        Digest.sha256(sorted(try JSONValue.decode(document)).json)
    }

    /// SHA-256 of any other body.
    public static func bytes(_ body: [UInt8]) -> [UInt8] { Digest.sha256(body) }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map(sorted))
        case .object(let members):
            // Of a member that comes twice the last counts, as it does for whoever reads the request.
            .object(
                Dictionary(members.map { (Array($0.0.utf8), $0) }) { $1 }.values.map { ($0.0, sorted($0.1)) }
                    .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) })
        default: value
        }
    }
}
