/// Lines of `keyId base64 [label]`; empty lines and those that begin with `#` are skipped.
enum KeyFile {
    struct Entry: Equatable, Sendable {
        var id: String
        var key: [UInt8]
        /// The key's purpose, where the file names it.
        var label: String?
    }

    private static let keySize = 32
    private static let idSizes = 1...64

    /// - Parameter labels: whether a line may say what its key is for.
    static func parse(_ content: [UInt8], _ source: String, labels: Bool = false) throws(CryptoError) -> [Entry] {
        var entries: [Entry] = []
        for (number, line) in content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let fields = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard let first = fields.first, first.first != UInt8(ascii: "#") else { continue }
            // The message names the line but never shows it: it may hold a key.
            func malformed(_ what: String) -> CryptoError {
                CryptoError(kind: .malformed, message: "\(source), line \(number + 1): \(what)")
            }
            guard fields.count == 2 || (labels && fields.count == 3) else {
                throw malformed(
                    labels
                        ? "a key id and the key in base64 are expected, and after them at most what it is for"
                        : "two fields are expected, a key id and the key in base64")
            }
            let id = String(decoding: first, as: UTF8.self)
            guard idSizes.contains(first.count), first.allSatisfy(isIdCharacter) else {
                throw malformed("a key id has 1 to 64 letters, digits, dots, hyphens and underscores")
            }
            guard !entries.contains(where: { $0.id == id }) else { throw malformed("the key id \(id) occurs twice") }
            guard let key = Base64.decode(Array(fields[1])), key.count == keySize else {
                throw malformed("the key is not base64 of \(keySize) bytes")
            }
            entries.append(Entry(id: id, key: key, label: fields.count == 3 ? String(decoding: fields[2], as: UTF8.self) : nil))
        }
        guard !entries.isEmpty else { throw CryptoError(kind: .malformed, message: "\(source): holds no key") }
        return entries
    }

    static func line(_ entry: Entry) -> [UInt8] {
        Array("\(entry.id) \(Base64.encode(entry.key))\(entry.label.map { " " + $0 } ?? "")\n".utf8)
    }

    private static func isIdCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
