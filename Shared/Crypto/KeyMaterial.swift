/// A secret that somebody has put into a file of its own, as text.
public enum KeyMaterial {
    /// The file's text without blanks and line ends around it.
    /// - Throws: `file`, `malformed` when it is empty or not UTF-8.
    public static func text(path: String) throws(CryptoError) -> String {
        guard let bytes = try SecretFile.read(path) else { throw SecretFile.missing(path) }
        return try text(bytes, path)
    }

    /// The same; a file that is missing is made (mode 0600) with one line. Processes that race get the same.
    /// - Throws: `file`, `malformed`, and what `line` throws.
    public static func text(path: String, otherwise line: () throws(CryptoError) -> String) throws(CryptoError) -> String {
        try text(SecretFile.readOrCreate(path) { () throws(CryptoError) in Array((try line() + "\n").utf8) }, path)
    }

    private static func text(_ bytes: [UInt8], _ path: String) throws(CryptoError) -> String {
        let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        let start = bytes.firstIndex { !blanks.contains($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? start
        guard start < end, let text = String(validating: bytes[start..<end], as: UTF8.self) else {
            throw CryptoError(kind: .malformed, message: "\(path): a secret in one line of UTF-8 is expected")
        }
        return text
    }

    /// Permissions of a secret's file that are too wide (`0644`): others than its owner may read it, or change it. A group may read it.
    /// nil: they are not, or there is no such file.
    public static func wideMode(path: String) -> String? {
        SecretFile.wideMode(path).map { "0" + String($0, radix: 8) }
    }

    /// Deletes what processes that died while they made or replaced a key file have left beside it.
    public static func clear(path: String) { SecretFile.clear(path) }
}
