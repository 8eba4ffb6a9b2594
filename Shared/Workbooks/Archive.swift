import CZip
import Glibc

/// The ZIP that a workbook is, in memory, read only.
final class Archive {
    private let zip: OpaquePointer
    private let limits: WorkbookLimits

    /// - Throws: `WorkbookError` `damaged` or `tooLarge`.
    init(_ bytes: [UInt8], _ limits: WorkbookLimits) throws(WorkbookError) {
        // libzip frees this copy with the source.
        guard let copy = malloc(max(bytes.count, 1)) else { throw WorkbookError(.tooLarge, "\(bytes.count) bytes") }
        bytes.withUnsafeBytes { if let from = $0.baseAddress { memcpy(copy, from, $0.count) } }
        var error = zip_error_t()
        zip_error_init(&error)
        defer { zip_error_fini(&error) }
        guard let source = zip_source_buffer_create(copy, zip_uint64_t(bytes.count), 1, &error) else {
            free(copy)
            throw WorkbookError(.damaged)
        }
        guard let opened = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) else {
            zip_source_free(source)
            throw WorkbookError(.damaged)
        }
        zip = opened
        self.limits = limits
        // All properties are set: `deinit` closes the ZIP when this throws.
        guard zip_get_num_entries(opened, 0) <= limits.entries else { throw WorkbookError(.tooLarge, "more than \(limits.entries) parts") }
    }

    deinit { zip_discard(zip) }

    /// Where a part is. Names of parts ignore case (ECMA-376, part 2).
    func find(_ name: String) -> UInt64? {
        let index = zip_name_locate(zip, name, zip_flags_t(ZIP_FL_NOCASE))
        return index < 0 ? nil : UInt64(index)
    }

    /// Opens a part for reading piece by piece.
    /// - Parameters:
    ///   - limit: how many bytes it may have, unpacked; what its header claims is not believed.
    /// - Throws: `WorkbookError` `malformed` if it is not there, `encrypted`, `damaged`.
    func open(_ name: String, limit: Int) throws(WorkbookError) -> Part {
        guard let index = find(name) else { throw WorkbookError(.malformed, "\(name) is missing") }
        guard let file = zip_fopen_index(zip, index, 0) else {
            let code = zip_error_code_zip(zip_get_error(zip))
            if code == ZIP_ER_NOPASSWD || code == ZIP_ER_WRONGPASSWD || code == ZIP_ER_ENCRNOTSUPP { throw WorkbookError(.encrypted) }
            throw WorkbookError(.damaged, name)
        }
        return Part(archive: self, file: file, name: name, limit: limit)
    }

    /// A part that is being read. It keeps the archive.
    final class Part {
        let name: String
        private let archive: Archive
        private let file: OpaquePointer
        private let limit: Int
        private var total = 0

        fileprivate init(archive: Archive, file: OpaquePointer, name: String, limit: Int) {
            self.archive = archive
            self.file = file
            self.name = name
            self.limit = limit
        }

        deinit { zip_fclose(file) }

        /// Reads the next bytes; 0 at the part's end, where its checksum was right.
        /// - Throws: `WorkbookError` `damaged`, `tooLarge`.
        func read(into buffer: UnsafeMutableRawBufferPointer) throws(WorkbookError) -> Int {
            let count = zip_fread(file, buffer.baseAddress, zip_uint64_t(buffer.count))
            guard count >= 0 else { throw WorkbookError(.damaged, name) }
            total += Int(count)
            guard total <= limit else { throw WorkbookError(.tooLarge, "\(name) unpacks to more than \(limit >> 20) MiB") }
            return Int(count)
        }
    }
}
