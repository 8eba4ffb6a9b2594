internal import Crypto

/// How Pinduoduo's open platform has requests signed.
///
/// All parameters but `sign`, sorted by name as bytes, name and value one after the other without separators, the secret before and
/// after: the MD5 of that, in upper-case hexadecimal digits (github.com/lywzx/pdd-node-sdk, `packages/core/src/libs/pdd-client.ts`).
public enum PinduoduoSignature {
    /// - Parameter parameters: what is sent, not percent-encoded; objects and lists already as JSON text. One called `sign` is passed over.
    public static func sign(_ parameters: [(name: String, value: String)], secret: String) -> String {
        MD5Text.hexadecimal(SignatureText.joined(parameters.filter { $0.name != "sign" }, secret: secret)).uppercased()
    }
}

/// The text that the signatures of Pinduoduo and Jackyun are made of.
enum SignatureText {
    /// The secret, names and values in the order of the names' bytes, and the secret again.
    static func joined(_ parameters: [(name: String, value: String)], secret: String) -> String {
        let sorted = parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return secret + sorted.map { $0.name + $0.value }.joined() + secret
    }
}

enum MD5Text {
    /// The MD5 of the text's UTF-8 in 32 lower-case hexadecimal digits.
    static func hexadecimal(_ text: String) -> String { Hexadecimal.encode(Digest.md5(Array(text.utf8))) }
}
