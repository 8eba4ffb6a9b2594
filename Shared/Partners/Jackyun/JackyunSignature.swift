/// How Jackyun has requests signed.
///
/// All parameters but `sign`, `token` and `contextid`, sorted by name, name and value one after the other, the secret before and after, all
/// of it in lower case: the MD5 of that, in lower-case hexadecimal digits (open.jackyun.com and public clients of it in Java and Python).
public enum JackyunSignature {
    static let unsigned: Set<String> = ["sign", "token", "contextid"]

    /// - Parameter parameters: what is sent, not percent-encoded; `bizcontent` is compact JSON without escapes for what is not ASCII.
    public static func sign(_ parameters: [(name: String, value: String)], secret: String) -> String {
        MD5Text.hexadecimal(SignatureText.joined(parameters.filter { !unsigned.contains($0.name) }, secret: secret).lowercased())
    }
}
