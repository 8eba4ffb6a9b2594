import Glibc

/// A folder with one SQLite file per shard. Replicas on one host may share it; the folder must be on a local disk.
public final class SQLiteStore: Store, Sendable {
    public let folder: String

    /// Of a folder that is missing, the last two components are made (`data/allocation`); more than that is rather a
    /// mistyped path or a volume that is not mounted.
    private static let foldersMade = 2

    /// For the owner alone: what is stored has names, addresses and phone numbers in it.
    private static let folderMode: mode_t = 0o700

    /// - Parameter folder: made (mode 0700) when it does not exist; its parent or the folder above that must exist.
    /// - Throws: `unavailable` when it cannot be made or is no folder.
    public init(folder: String) throws(StoreError) {
        self.folder = folder
        try Self.make(folder, depth: Self.foldersMade)
    }

    /// Permissions of the folder (`0755`) when others than its owner may look into it; they are left as they are, since a folder that was
    /// there may be shared on purpose. nil: they may not.
    public var wideMode: String? {
        var status = stat()
        guard stat(folder, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
        return "0" + String(status.st_mode & 0o777, radix: 8)
    }

    public func shard(_ number: Int) throws(StoreError) -> any ShardStore {
        try SQLiteShard(path: "\(folder)/shard-\(number).db")
    }

    /// The lock is `flock` on `instance-<name>.lock`: the kernel gives it up when the process ends, however it ends.
    public func lockInstance(_ name: String) throws(StoreError) {
        let path = "\(folder)/instance-\(Self.fileName(name)).lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, SQLiteFile.mode)
        guard file >= 0 else { throw Self.unavailable(path, "opening the instance lock", errno) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            defer { Glibc.close(file) }
            guard reason == EWOULDBLOCK else { throw Self.unavailable(path, "locking the instance", reason) }
            throw StoreError(
                kind: .instanceInUse,
                message: "instance \"\(name)\" is already running on the store \(folder)\(Self.holder(file)): "
                    + "stop it, or give this process another instance name")
        }
        // For the message above only; the descriptor stays open, and with it the lock, until the process ends.
        let holder = Array("\(getpid())\n".utf8)
        ftruncate(file, 0)
        pwrite(file, holder, holder.count, 0)
    }

    public func shards() -> [Int] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var numbers: [Int] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard name.hasPrefix("shard-"), name.hasSuffix(".db") else { continue }
            if let number = Int(name.dropFirst(6).dropLast(3)) { numbers.append(number) }
        }
        return numbers.sorted()
    }

    private static func make(_ folder: String, depth: Int) throws(StoreError) {
        var status = stat()
        if stat(folder, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw StoreError(kind: .unavailable, message: "the store \(folder) is a file, not a folder: name another")
            }
            return
        }
        guard errno == ENOENT else { throw unavailable(folder, "opening the store folder", errno) }
        guard depth > 0 else {
            throw StoreError(
                kind: .unavailable,
                message: "the folder \(folder), in which the store was to be made, does not exist: "
                    + "make it, mount it, or name another")
        }
        let parent = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
        if !parent.isEmpty { try make(parent, depth: depth - 1) }
        guard mkdir(folder, folderMode) == 0 || errno == EEXIST else {
            throw unavailable(folder, "making the store folder", errno)
        }
    }

    /// The name with everything but letters, digits, `.`, `_` and `-` percent-encoded, so that two names never meet.
    private static func fileName(_ name: String) -> String {
        var result = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    private static func holder(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(file, &bytes, bytes.count, 0)
        let process = String(decoding: bytes.prefix(max(0, count)).prefix { $0 > 0x20 }, as: UTF8.self)
        return process.isEmpty ? "" : " (process \(process))"
    }

    private static func unavailable(_ path: String, _ doing: String, _ code: Int32) -> StoreError {
        StoreError(
            kind: .unavailable,
            message: "\(path): \(doing): \(String(cString: strerror(code))): "
                + "check that the folder exists and that this process may write in it")
    }
}
