import CZip
import Foundation
import Testing

/// A workbook written part by part, so that a test can write what no program does.
struct HandmadeWorkbook {
    var parts: [(name: String, text: String)]
    var password: String?

    private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    /// - Parameters:
    ///   - data: what stands within `<sheetData>`.
    ///   - styles: what stands within `<styleSheet>`.
    init(
        data: String, shared: String? = nil, styles: String = "", properties: String = "", namespace: String = main, office: String = office
    ) {
        parts = [
            ("_rels/.rels", Self.relationships([("r1", "\(office)/officeDocument", "xl/workbook.xml")])),
            (
                "xl/workbook.xml",
                """
                <workbook xmlns="\(namespace)" xmlns:r="\(office)">\(properties)<sheets><sheet name="S" sheetId="1" r:id="s1"/></sheets></workbook>
                """
            ),
            (
                "xl/_rels/workbook.xml.rels",
                Self.relationships(
                    [("s1", "\(office)/worksheet", "/xl/worksheets/sheet1.xml"), ("s2", "\(office)/styles", "../xl/./styles.xml")]
                        + (shared == nil ? [] : [("s3", "\(office)/sharedStrings", "sharedStrings.xml")]))
            ),
            ("xl/styles.xml", "<styleSheet xmlns=\"\(namespace)\">\(styles)</styleSheet>"),
            ("xl/worksheets/sheet1.xml", "<worksheet xmlns=\"\(namespace)\"><sheetData>\(data)</sheetData></worksheet>"),
        ]
        if let shared { parts.append(("xl/sharedStrings.xml", "<sst xmlns=\"\(namespace)\">\(shared)</sst>")) }
    }

    private static func relationships(_ list: [(id: String, type: String, target: String)]) -> String {
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
            + list.map { "<Relationship Id=\"\($0.id)\" Type=\"\($0.type)\" Target=\"\($0.target)\"/>" }.joined() + "</Relationships>"
    }

    mutating func replace(_ name: String, _ text: String) { parts = parts.map { $0.name == name ? (name, text) : $0 } }

    /// The file's bytes, by libzip.
    func bytes() throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("workbook-\(UUID().uuidString).xlsx").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let zip = try #require(zip_open(path, ZIP_CREATE | ZIP_EXCL, nil))
        for part in parts {
            let text = Array(part.text.utf8)
            let copy = try #require(malloc(max(1, text.count)))
            text.withUnsafeBytes { if let from = $0.baseAddress { memcpy(copy, from, $0.count) } }
            let source = try #require(zip_source_buffer(zip, copy, zip_uint64_t(text.count), 1))
            let index = zip_file_add(zip, part.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
            try #require(index >= 0)
            if let password {
                try #require(zip_file_set_encryption(zip, zip_uint64_t(index), UInt16(ZIP_EM_AES_256), password) == 0)
            }
        }
        try #require(zip_close(zip) == 0)
        return try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

enum Fixture {
    /// A file of `Fixtures`; `make-fixtures.py` makes them.
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
        return try Array(Data(contentsOf: folder.appendingPathComponent(name)))
    }
}
