import Glibc

/// A file that holds the value of one property: a password, a certificate.
enum SettingFile {
    /// More than any certificate chain has.
    private static let largest = 1 << 20

    /// Why one cannot be read.
    static let reason = "a file of at most \(largest) bytes of UTF-8 is expected, which this process may read"

    /// The text without the line ends at its end; nil when it cannot be read, is empty or no UTF-8.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: largest + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0, count <= largest else { return nil }
        let end = bytes[..<count].lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return end.flatMap { String(validating: bytes[...$0], as: UTF8.self) }
    }
}
