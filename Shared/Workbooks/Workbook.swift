public import TableFiles

/// A workbook in the format XLSX (ECMA-376; transitional or strict), read from memory.
///
/// Sheets are read piece by piece: what is kept is the file, its shared texts and the rows of one piece.
public struct Workbook: TableBook {
    private let contents: Contents

    /// Whether the bytes begin as a workbook does, whatever the file is called: as a ZIP, or as the binary documents that are refused.
    public static func begins(_ bytes: [UInt8]) -> Bool {
        bytes.starts(with: zipEntry) || bytes.starts(with: emptyZip) || bytes.starts(with: binaryDocument)
    }

    /// Reads which sheets there are, the shared texts and the styles.
    /// - Throws: `TableError` with what is wrong and what to do.
    public init(_ bytes: [UInt8], limits: WorkbookLimits = WorkbookLimits()) throws(TableError) {
        do throws(WorkbookError) { contents = try Contents(bytes, limits) } catch { throw error.table }
    }

    public var format: TableFormat { .workbook }
    public var tables: [TableName] { contents.sheets.map { TableName($0.name, isHidden: $0.isHidden) } }

    public func reader(_ index: Int) throws(TableError) -> SheetReader {
        do throws(WorkbookError) { return try SheetReader(contents, contents.sheets[index].part) } catch { throw error.table }
    }

    private static let zipEntry: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
    private static let emptyZip: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
    /// A compound document (MS-CFB): XLS, and workbooks that are protected by a password.
    private static let binaryDocument: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    /// What all sheets share.
    final class Contents {
        struct Sheet {
            let name: String
            let isHidden: Bool
            let part: String
        }

        let archive: Archive
        let limits: WorkbookLimits
        let sheets: [Sheet]
        let texts: SharedTexts
        let styles: Styles
        let countsFrom1904: Bool

        init(_ bytes: [UInt8], _ limits: WorkbookLimits) throws(WorkbookError) {
            if bytes.starts(with: Workbook.binaryDocument) { throw Self.refusal(ofBinaryDocument: bytes) }
            archive = try Archive(bytes, limits)
            self.limits = limits
            let main = try Self.mainPart(of: archive, limits)
            let list = try SheetList(archive.open(main, limit: limits.partBytes), limits)
            let relationships = try Relationships(of: main, in: archive, limits)
            countsFrom1904 = list.countsFrom1904
            // Sheets of charts and dialogues hold no rows.
            sheets = list.sheets.compactMap { sheet in
                guard let target = relationships.targets[sheet.relationship], target.type == "worksheet" else { return nil }
                return Sheet(name: sheet.name, isHidden: sheet.isHidden, part: target.part)
            }
            texts =
                if let part = relationships.first("sharedStrings") {
                    try SharedTexts(archive.open(part, limit: limits.sharedTextBytes), limits)
                } else {
                    SharedTexts()
                }
            styles =
                if let part = relationships.first("styles") {
                    try Styles(archive.open(part, limit: limits.partBytes), limits)
                } else {
                    Styles()
                }
        }

        private static func mainPart(of archive: Archive, _ limits: WorkbookLimits) throws(WorkbookError) -> String {
            if archive.find("mimetype") != nil { throw WorkbookError(.otherFormat, "an OpenDocument file (ODS)") }
            guard archive.find("_rels/.rels") != nil else { throw WorkbookError(.otherFormat, "a ZIP archive") }
            guard let main = try Relationships(of: "", in: archive, limits).first("officeDocument") else {
                throw WorkbookError(.malformed, "no workbook is in it")
            }
            if main.lowercased().hasSuffix(".bin") { throw WorkbookError(.otherFormat, "a binary workbook (XLSB)") }
            return main
        }

        /// A workbook with a password is a stream `EncryptedPackage` within a binary document (MS-OFFCRYPTO); names are UTF-16 there.
        private static func refusal(ofBinaryDocument bytes: [UInt8]) -> WorkbookError {
            func holds(_ name: String) -> Bool {
                let wanted = name.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
                return bytes.firstRange(of: wanted) != nil
            }
            if holds("EncryptedPackage") { return WorkbookError(.encrypted) }
            return holds("Workbook") || holds("Book") ? WorkbookError(.oldFormat) : WorkbookError(.otherFormat, "a binary document")
        }
    }
}
