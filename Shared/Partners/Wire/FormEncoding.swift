import Contracts

/// Queries and forms.
public enum FormEncoding {
    /// `a=b&c=d`, names and values encoded.
    public static func encode(_ fields: [(name: String, value: String)]) -> String {
        fields.map { "\(PercentEncoding.escape($0.name))=\(PercentEncoding.escape($0.value))" }.joined(separator: "&")
    }

    public static func escape(_ text: String) -> String { PercentEncoding.escape(text) }

    /// Undoes `encode`, also with `+` for a space; nil when a percent sign is not followed by two hexadecimal digits, or the
    /// decoded bytes are not UTF-8.
    public static func decode(_ text: some StringProtocol) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.unescape(halves[0]), let value = halves.count == 2 ? PercentEncoding.unescape(halves[1]) : ""
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }
}
