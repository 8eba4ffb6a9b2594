import Glibc

/// A small file with secrets, readable by its owner only, that is always whole: a reader sees it before or after a
/// change, also when the process or the machine dies in between.
enum SecretFile {
    /// `O_TMPFILE` of Linux on x86-64 and arm64 (`asm-generic/fcntl.h`), a macro that Swift does not see.
    private static let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY

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
        let draft = try Draft(beside: path, content())
        defer { draft.close() }
        try draft.link(to: path)
        try syncFolder(of: path)
        guard let winner = try read(path) else {
            throw CryptoError(kind: .file, message: "\(path): was deleted while it was being made")
        }
        return winner
    }

    /// Makes the file.
    /// - Throws: `file`, also when there is one already: it is never written over.
    static func create(_ path: String, _ content: [UInt8]) throws(CryptoError) {
        let draft = try Draft(beside: path, content)
        defer { draft.close() }
        guard try draft.link(to: path) else {
            throw CryptoError(kind: .file, message: "\(path): there is such a file already: name another, or take it away first")
        }
        try syncFolder(of: path)
    }

    /// Replaces the content by a function of the present one; processes that do so at once take turns.
    static func update(_ path: String, _ change: ([UInt8]) throws(CryptoError) -> [UInt8]) throws(CryptoError) {
        let file = try lockCurrent(path)
        defer { close(file) }
        removeLeftovers(of: path)
        let draft = try Draft(beside: path, change(read(file, path)))
        defer { draft.close() }
        // A link cannot replace a file, a rename can: for that moment the new content has a name of its own.
        let temporary = try draft.named()
        guard rename(temporary, path) == 0 else {
            let error = failure(path, "replacing it")
            unlink(temporary)
            throw error
        }
        try syncFolder(of: path)
    }

    /// Deletes what processes have left beside the file that died while they made or replaced it: secrets under names that nobody reads.
    /// Nothing happens while another process replaces it, nor where this one may not write.
    static func clear(_ path: String) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return removeLeftovers(of: path) }
        defer { close(file) }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { removeLeftovers(of: path) }
    }

    /// Files of the names that ``Draft`` gives.
    private static func removeLeftovers(of path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") + "/" : "./"
        guard let name = parts.last, let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        var left: [String] = []
        while let entry = readdir(directory) {
            let found = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            guard found.hasPrefix(name + "."), found.hasSuffix(Draft.ending) else { continue }
            let digits = found.utf8.dropFirst(name.utf8.count + 1).dropLast(Draft.ending.utf8.count)
            if digits.count == 2 * Draft.idBytes { left.append(folder + found) }
        }
        for path in left { unlink(path) }
    }

    /// Permissions of a file that others than its owner may read, or than its owner may change; nil for one that is as it should be.
    /// A group may read it: containers get secrets so.
    static func wideMode(_ path: String) -> mode_t? {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o027 != 0 else { return nil }
        return status.st_mode & 0o777
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

    /// Content on the disk that is still without a name: when the process dies, the kernel drops it. Only on file systems that know no
    /// such files (NFS) it has a temporary name from the beginning.
    struct Draft {
        static let ending = ".tmp"
        static let idBytes = 8

        private let path: String
        private let file: Int32
        private var name: String?

        /// - Parameter path: of the file that it is to become.
        init(beside path: String, _ content: [UInt8]) throws(CryptoError) {
            self.path = path
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
            var file = open(folder, O_WRONLY | SecretFile.unnamed | O_CLOEXEC, 0o600)
            if file < 0 {
                let temporary = try Self.temporaryName(path)
                name = temporary
                file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            }
            guard file >= 0 else { throw SecretFile.failure(path, "making it") }
            self.file = file
            guard write(file, content, content.count) == content.count, fsync(file) == 0 else {
                let error = SecretFile.failure(path, "writing it")
                close()
                throw error
            }
        }

        func close() {
            Glibc.close(file)
            if let name { unlink(name) }
        }

        /// Gives it its name, unless there is such a file.
        /// - Returns: whether it is this one.
        @discardableResult
        func link(to path: String) throws(CryptoError) -> Bool {
            if linked(to: path) { return true }
            guard errno == EEXIST || access(path, F_OK) == 0 else { throw SecretFile.failure(path, "making it") }
            return false
        }

        /// A temporary name.
        func named() throws(CryptoError) -> String {
            if let name { return name }
            let temporary = try Self.temporaryName(path)
            guard linked(to: temporary) else { throw SecretFile.failure(temporary, "making it") }
            return temporary
        }

        private func linked(to path: String) -> Bool {
            if let name { return Glibc.link(name, path) == 0 }
            return linkat(AT_FDCWD, "/proc/self/fd/\(file)", AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0
        }

        private static func temporaryName(_ path: String) throws(CryptoError) -> String {
            "\(path).\(Hexadecimal.encode(try Random.bytes(idBytes)))\(ending)"
        }
    }

    private static func syncFolder(of path: String) throws(CryptoError) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw failure(folder, "opening the folder") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw failure(folder, "syncing the folder") }
    }

    static func missing(_ path: String) -> CryptoError { CryptoError(kind: .file, message: "\(path): there is no such file") }

    fileprivate static func failure(_ path: String, _ doing: String) -> CryptoError {
        CryptoError(
            kind: .file,
            message: "\(path): \(doing): \(String(cString: strerror(errno))): "
                + "check that the folder exists and that this process may read and write there")
    }
}
