import Glibc

/// A small file with secrets, readable by its owner only, that is always whole: a reader sees it before or after a
/// change, also when the process or the machine dies in between.
enum SecretFile {
    /// More than any key file has; a larger one is a mistake.
    private static let maximumSize = 1 << 20

    /// The content; nil when there is no such file.
    static func read(_ path: String) throws(CryptoError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(path, "opening it")
        }
        defer { close(file) }
        return try read(file, path)
    }

    /// Makes the file unless there is one, and gives its content: of several processes that race, one wins and all
    /// get the winner's.
    static func readOrCreate(_ path: String, _ content: () throws(CryptoError) -> [UInt8]) throws(CryptoError) -> [UInt8] {
        if let found = try read(path) { return found }
        let temporary = try writeTemporary(path, content())
        defer { unlink(temporary) }
        if link(temporary, path) != 0, errno != EEXIST { throw failure(path, "making it") }
        try syncFolder(of: path)
        guard let winner = try read(path) else {
            throw CryptoError(kind: .file, message: "\(path): was deleted while it was being made")
        }
        return winner
    }

    /// Replaces the content by a function of the present one; processes that do so at once take turns.
    static func update(_ path: String, _ change: ([UInt8]) throws(CryptoError) -> [UInt8]) throws(CryptoError) {
        let file = try lockCurrent(path)
        defer { close(file) }
        let temporary = try writeTemporary(path, change(read(file, path)))
        guard rename(temporary, path) == 0 else {
            let error = failure(path, "replacing it")
            unlink(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    /// Opens and locks the file that the path names once the lock is ours: whoever had it may have replaced the file.
    private static func lockCurrent(_ path: String) throws(CryptoError) -> Int32 {
        while true {
            let file = open(path, O_RDWR | O_CLOEXEC)
            guard file >= 0 else { throw failure(path, "opening it") }
            var locked = stat()
            var named = stat()
            guard flock(file, LOCK_EX) == 0, fstat(file, &locked) == 0, stat(path, &named) == 0 else {
                let error = failure(path, "locking it")
                close(file)
                throw error
            }
            if locked.st_ino == named.st_ino, locked.st_dev == named.st_dev { return file }
            close(file)
        }
    }

    private static func read(_ file: Int32, _ path: String) throws(CryptoError) -> [UInt8] {
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure(path, "reading it") }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumSize else {
            throw CryptoError(kind: .file, message: "\(path): a key file is expected, of \(maximumSize) bytes at most")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var have = 0
        while have < bytes.count {
            let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress! + have, $0.count - have, off_t(have)) }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw failure(path, "reading it")
            }
            have += count
        }
        return bytes
    }

    private static func writeTemporary(_ path: String, _ content: [UInt8]) throws(CryptoError) -> String {
        let temporary = "\(path).\(Hexadecimal.encode(try Random.bytes(8))).tmp"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(temporary, "making it") }
        defer { close(file) }
        guard write(file, content, content.count) == content.count, fsync(file) == 0 else {
            let error = failure(temporary, "writing it")
            unlink(temporary)
            throw error
        }
        return temporary
    }

    private static func syncFolder(of path: String) throws(CryptoError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure(folder, "opening the folder") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(folder, "syncing the folder") }
    }

    private static func failure(_ path: String, _ doing: String) -> CryptoError {
        CryptoError(
            kind: .file,
            message: "\(path): \(doing): \(String(cString: strerror(errno))): "
                + "check that the folder exists and that this process may read and write there")
    }
}
