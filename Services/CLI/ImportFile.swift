import CommandLine
import Glibc
import Partners
import Runtime
import TableFiles
import Workbooks

/// A table of codes that an export lacks, recognised by its content: a workbook, or comma-separated text.
enum ImportFile {
    /// - Throws: `CommandFailure` 65 when the table cannot be read.
    static func codes(_ file: String) throws -> OrderExport.Codes {
        let bytes = try InputFile.bytes(of: file)
        do {
            return Workbook.begins(bytes) ? try OrderExport.Codes(Workbook(bytes)) : try OrderExport.Codes(CSVBook(bytes))
        } catch { throw CommandFailure(.badData, "\(file): \(error)") }
    }
}

/// Files that are read whole.
enum InputFile {
    /// - Parameter file: a path, or `-` for standard input.
    /// - Throws: `CommandFailure` 65 when it cannot be read.
    static func bytes(of file: String) throws(CommandFailure) -> [UInt8] {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(file) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unreadable(file) }
            bytes += buffer[..<count]
        }
    }

    private static func unreadable(_ file: String) -> CommandFailure {
        CommandFailure(.badData, "\(file) cannot be read: \(String(cString: strerror(errno)))")
    }
}
