import Glibc

/// A database's file, for its owner alone. SQLite would make it with 0644; its write-ahead log and shared memory get the modes of the file.
enum SQLiteFile {
    static let mode: mode_t = 0o600

    /// Makes the file unless it is there. One of this user that others may read, of an older version of Daifa, is closed to them, with its
    /// write-ahead log and shared memory. A file that cannot be made is reported by SQLite when it opens it.
    static func prepare(_ path: String) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & 0o077 != 0, status.st_uid == geteuid() else { return }
        fchmod(file, mode)
        for ending in ["-wal", "-shm"] { chmod(path + ending, mode) }
    }
}
