import Glibc

/// A file with keys of message authentication codes, one a line: `<keyId> <base64 of 32 bytes>`. The first one signs, all of them verify.
public struct MACKeyFile: Sendable {
    /// Bytes of a key.
    public static let keySize = 32

    public struct Key: Sendable, Equatable {
        public let id: String
        public let bytes: [UInt8]
    }

    /// Tells one content of a path from another without reading it.
    public struct Stamp: Sendable, Equatable {
        fileprivate var device: UInt
        fileprivate var inode: UInt
        fileprivate var size: Int
        fileprivate var seconds: Int
        fileprivate var nanoseconds: Int
    }

    public let path: String

    public init(path: String) { self.path = path }

    /// The file as it is now; nil when there is none.
    public var stamp: Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    /// All keys, the one that signs first. Never makes the file.
    /// - Throws: `file` (also when there is none), `malformed`.
    public func keys() throws(CryptoError) -> [Key] {
        guard let content = try SecretFile.read(path) else {
            throw CryptoError(kind: .file, message: "\(path): there is no such file")
        }
        return try KeyFile.parse(content, path).map { Key(id: $0.id, bytes: $0.key) }
    }

    /// Makes the file (mode 0600) with one new key unless there is one. Processes that race get the same one.
    /// - Returns: whether it was made by this call.
    /// - Throws: `file`, `malformed` when what is there holds no keys.
    @discardableResult
    public func create() throws(CryptoError) -> Bool {
        let line = try Self.newLine()
        let content = try SecretFile.readOrCreate(path) { line }
        _ = try KeyFile.parse(content, path)
        return content == line
    }

    /// Adds a new key to a file that is there: the first, which signs from then on, or the last, which verifies only.
    /// - Returns: the key's id.
    /// - Throws: `file`, `malformed`.
    public func add(signing: Bool) throws(CryptoError) -> String {
        let line = try Self.newLine()
        try SecretFile.update(path) { (content) throws(CryptoError) in
            _ = try KeyFile.parse(content, path)
            if signing { return line + content }
            return content + (content.last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]) + line
        }
        return try KeyFile.parse(line, path)[0].id
    }

    /// A line with a new random key.
    public static func newLine() throws(CryptoError) -> [UInt8] {
        KeyFile.line(KeyFile.Entry(id: Hexadecimal.encode(try Random.bytes(8)), key: try Random.bytes(keySize)))
    }
}
