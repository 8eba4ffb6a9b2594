/// A secret that somebody has put into a file of its own, as text.
public enum KeyMaterial {
    /// The file's text without blanks and line ends around it.
    /// - Throws: `file`, `malformed` when it is empty or not UTF-8.
    public static func text(path: String) throws(CryptoError) -> String {
        guard let bytes = try SecretFile.read(path) else {
            throw CryptoError(kind: .file, message: "\(path): there is no such file")
        }
        let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        let start = bytes.firstIndex { !blanks.contains($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? start
        guard start < end, let text = String(validating: bytes[start..<end], as: UTF8.self) else {
            throw CryptoError(kind: .malformed, message: "\(path): a secret in one line of UTF-8 is expected")
        }
        return text
    }
}
