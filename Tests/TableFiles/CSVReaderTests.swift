import Testing

@testable import TableFiles

@Suite struct CSVReaderTests {
    private func records(_ text: String) throws -> [[String]] {
        try recordsWithLines(text).map(\.cells)
    }

    private func recordsWithLines(_ text: String) throws -> [(line: Int, cells: [String])] {
        var reader = CSVReader(Array(text.utf8))
        var record = CSVReader.Record()
        var found: [(line: Int, cells: [String])] = []
        while try reader.next(&record) { found.append((record.line, record.fields.map(reader.text))) }
        return found
    }

    @Test(arguments: [
        ("", []),
        ("a,b", [["a", "b"]]),
        ("a,b\n", [["a", "b"]]),
        ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
        ("a,b\rc,d\r", [["a", "b"], ["c", "d"]]),
        ("a,\n,b\n,\n", [["a", ""], ["", "b"], ["", ""]]),
        ("\u{FEFF}a,b\n", [["a", "b"]]),
        ("\u{FEFF}\"a\",b\n", [["a", "b"]]),
        ("\n\r\na\n\n\nb\n", [["a"], ["b"]]),
        ("\"a,b\",c\n", [["a,b", "c"]]),
        ("\"a\"\"b\",\"\"\"c\"\"\"\n", [["a\"b", "\"c\""]]),
        ("\"\",\"\"\n", [["", ""]]),
        ("\"\"\"\"\n", [["\""]]),
        ("\"a\nb\",\"c\r\nd\",\"e\rf\"\n", [["a\nb", "c\r\nd", "e\rf"]]),
        ("\"a\"", [["a"]]),
        ("\"a\"\t ,b\n", [["a", "b"]]),
        ("5\" tube,\"b\"\n", [["5\" tube", "b"]]),
        ("a\"b\"c,\"d\"\n", [["a\"b\"c", "d"]]),
        ("\"he said \"yes\", twice\",b\n", [["he said \"yes", " twice\"", "b"]]),
        ("\"he said \"yes\" twice, ok\",b\n", [["he said \"yes\" twice, ok", "b"]]),
        (" \"a\",b\n", [[" \"a\"", "b"]]),
    ])
    func readsRecords(_ text: String, _ expected: [[String]]) throws {
        #expect(try records(text) == expected)
    }

    @Test func everyRecordKnowsItsFirstPhysicalLine() throws {
        let text = "h\r\n\"a\r\nb\nc\"\r\n\r\nd\n\"e\rf\"\ng\n"
        #expect(try recordsWithLines(text).map(\.line) == [1, 2, 6, 7, 9])
    }

    @Test func anUnterminatedQuotationMarkNamesTheLineOnWhichItStands() {
        let error = #expect(throws: CSVError.self) { try records("h1,h2\n\"a\nb\",c\nd,\"e\nf\ng\n") }
        #expect(error?.code == .unterminatedQuote)
        #expect(error?.line == 4)
        #expect(error?.description.contains("line 4") == true)
    }

    @Test(arguments: [
        "\t a \t", "\u{FEFF}a\u{200B}", "\u{3000}\u{A0}a\u{A0}\u{3000}", "\u{2060}\u{200C}a\u{200D}", "\"\r\n a\t\r\n\"", "a",
    ])
    func trimsBlanksOfAllKinds(_ text: String) throws {
        var reader = CSVReader(Array("x,\(text),y".utf8))
        var record = CSVReader.Record()
        #expect(try reader.next(&record))
        #expect(record.fields.map(reader.trimmed) == ["x", "a", "y"])
    }

    @Test func trimmingKeepsCharactersThatShareBytesWithBlanks() throws {
        let text = "中 文码，、。㈠À€"
        var reader = CSVReader(Array(text.utf8))
        var record = CSVReader.Record()
        #expect(try reader.next(&record))
        #expect(record.fields.map(reader.trimmed) == [text])
    }

    @Test func aBlankFieldTrimsToNothing() throws {
        var reader = CSVReader(Array("\t\u{3000} \u{FEFF},\"\"".utf8))
        var record = CSVReader.Record()
        #expect(try reader.next(&record))
        #expect(record.fields.map(reader.trimmed) == ["", ""])
    }
}

@Suite struct CSVTextTests {
    /// 订单号,商品 in GB18030.
    private static let gb18030: [UInt8] = [0xB6, 0xA9, 0xB5, 0xA5, 0xBA, 0xC5, 0x2C, 0xC9, 0xCC, 0xC6, 0xB7, 0x0A]

    @Test func tellsTheEncodings() throws {
        let text = Array("订单号,商品\n".utf8)
        let plain = try CSVText(decoding: text)
        #expect(plain.encoding == .utf8 && plain.utf8 == text)
        #expect(try CSVText(decoding: [0xEF, 0xBB, 0xBF] + text).encoding == .utf8WithBOM)
        let converted = try CSVText(decoding: Self.gb18030)
        #expect(converted.encoding == .gb18030 && converted.utf8 == text)
        #expect(try CSVText(decoding: Array("a,b\n".utf8)).encoding == .utf8)
        #expect(try CSVText(decoding: Array("a,b\n".utf8) + Self.gb18030).encoding == .gb18030)
    }

    @Test func convertsFourByteCharactersAndBack() throws {
        let text = Array("㛃,𠮷,é,€".utf8)
        let encoded = try GB18030.encode(text)
        #expect(encoded.starts(with: [0x82, 0x30]))
        #expect(try GB18030.decode(encoded) == text)
    }

    @Test func aDamagedUTF8FileIsNotTakenForGB18030() {
        let bytes = Array("订单号,商品\r\n一,二\r\n三,".utf8) + [0xC9, 0xCC, 0x0A]
        let error = #expect(throws: CSVError.self) { try CSVText(decoding: bytes) }
        #expect(error == CSVError(.notUTF8, line: 3, byteOffset: bytes.count - 3))
    }

    @Test func aByteOrderMarkPromisesUTF8() {
        let error = #expect(throws: CSVError.self) { try CSVText(decoding: [0xEF, 0xBB, 0xBF] + Self.gb18030) }
        #expect(error == CSVError(.notUTF8, line: 1, byteOffset: 3))
    }

    @Test(arguments: [
        ([0xFF], CSVError(.notGB18030, line: 3, byteOffset: 24)), ([0xB6], CSVError(.notGB18030, line: 3, byteOffset: 24)),
        ([0x81, 0x30, 0x0A, 0x41], CSVError(.notGB18030, line: 3, byteOffset: 24)),
    ])
    func whatIsNeitherIsToldWithItsPlace(_ tail: [UInt8], _ expected: CSVError) {
        let error = #expect(throws: CSVError.self) { try CSVText(decoding: Self.gb18030 + Self.gb18030 + tail) }
        #expect(error == expected)
    }

    @Test(
        arguments: [
            ([], CSVError.Code.empty), ([0xFF, 0xFE, 0x41, 0x00], .utf16), ([0xFE, 0xFF, 0x00, 0x41], .utf16),
            ([0x50, 0x4B, 0x03, 0x04, 0x14, 0x00], .spreadsheet), ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], .spreadsheet),
            ([0x41, 0x00, 0x2C, 0x00], .notText), (Array("\u{FEFF}\r\n<HTML><table>".utf8), .markup),
            (Array("<?xml version".utf8), .markup),
        ] as [([UInt8], CSVError.Code)])
    func whatIsNoTextSaysWhatToDo(_ bytes: [UInt8], _ code: CSVError.Code) {
        let error = #expect(throws: CSVError.self) { try CSVText(decoding: bytes) }
        #expect(error?.code == code)
        #expect(error?.description.contains(code == .empty ? "Export" : "CSV UTF-8") == true)
    }
}
