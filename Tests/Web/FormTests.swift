import HTTP
import Testing
import Web

@Suite struct FormTests {
    private func form(_ body: String, limits: Form.Limits = .init()) throws(Form.Failure) -> Form {
        try Form(ask("POST", "/", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: Array(body.utf8)), limits: limits)
    }

    private func multipart(
        _ body: String, boundary: String = "XX", limits: Form.Limits = .init()
    ) throws(Form.Failure) -> Form {
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        return try Form(
            ask("POST", "/", headers: [("Content-Type", "multipart/form-data; boundary=\(boundary)")], body: Array(lines.utf8)),
            limits: limits)
    }

    @Test(arguments: [
        ("a=1&b=2", "a=1|b=2"), ("a=x+y%2Bz&a=%E5%8D%95", "a=x y+z|a=单"), ("", ""), ("&&a", "a="), ("a=b=c&A=d", "a=b=c|A=d"), ("=x", "=x"),
        ("a=%0D%0A", "a=\r\n"),
    ]) func pairsAreRead(body: String, fields: String) throws {
        #expect(try form(body).fields.map { "\($0.name)=\($0.value)" }.joined(separator: "|") == fields)
    }

    @Test(
        arguments: [
            ("a=%zz", "a"), ("a=%", "a"), ("a=%00", "a"), ("a=%FF", "a"), ("%zz=1", nil), ("a=1234567", "a"), ("123456=1", nil),
            ("a&b&c&d", nil),
            ("a&b&c&d&e&f&g&h", nil),
        ] as [(String, String?)]) func pairsThatAreNoneAreRefused(body: String, field: String?)
    {
        var limits = Form.Limits()
        (limits.parts, limits.nameBytes, limits.valueBytes) = (3, 5, 6)
        let error = #expect(throws: Form.Failure.self) { try form(body, limits: limits) }
        #expect(error?.field == field)
    }

    @Test(arguments: ["", "application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=\"\"", "nonsense"])
    func anotherTypeIsNoForm(type: String) {
        #expect(throws: Form.Failure.self) { try Form(ask("POST", "/", headers: [("Content-Type", type)], body: Array("a=1".utf8))) }
        #expect(throws: Form.Failure.self) { try Form(ask("POST", "/", body: Array("a=1".utf8))) }
    }

    @Test func partsAreFieldsAndFiles() throws {
        let form = try multipart(
            """
            preamble
            --XX
            Content-Disposition: form-data; name="a"

            one
            two
            --XX
            content-disposition: form-data; filename="C:\\folder\\订单 %22x%22.csv"; name="file"
            Content-Type: Text/CSV; charset=utf-8

            1,2
            --X
            --XX\u{20}
            Content-Disposition: form-data; name="empty"; filename=""
            Content-Type: application/octet-stream


            --XX
            Content-Disposition: form-data; name=plain


            --XX--
            epilogue
            """)
        #expect(form.fields == [.init("a", "one\r\ntwo"), .init("plain", "")])
        #expect(form["a"] == "one\r\ntwo" && form["b"] == nil && form.all("plain") == [""])
        #expect(form.file("file") == Form.File(name: "订单 \"x\".csv", type: "text/csv", bytes: Array("1,2\r\n--X".utf8)))
        #expect(form.file("empty") == nil)
        #expect(form.files.count == 2)
    }

    @Test func aFileKeepsItsBytes() throws {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) } + Array("\r\n--X\r\n--\r\n-".utf8) + [0, 0xFF]
        let head = "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n"
        let body = Array(head.utf8) + bytes + Array("\r\n--XX--\r\n".utf8)
        let form = try Form(ask("POST", "/", headers: [("Content-Type", "multipart/form-data; boundary=\"XX\"")], body: body))
        #expect(form.file("f")?.bytes == bytes)
    }

    private static let disposition = "Content-Disposition: form-data; name=\"a\""

    @Test(arguments: [
        "", "nothing", "--XX", "--XX\n", "--XXY\n\(disposition)\n\nx\n--XX--", "--XX\n\(disposition)\n\nx",
        "--XX\n\(disposition)\nx\n--XX--",
        "--XX\nX: y\n\nx\n--XX--", "--XX\n\n\nx\n--XX--", "--XX\nContent-Disposition: attachment; name=\"a\"\n\nx\n--XX--",
        "--XX\nContent-Disposition: form-data\n\nx\n--XX--", "--XX\nContent-Disposition: form-data; name=\"a\n\nx\n--XX--",
        "--XX\n\(disposition)\n\(disposition)\n\nx\n--XX--", "--XX\nno header\n\(disposition)\n\nx\n--XX--",
        "--XX\n\(disposition)\nContent-Transfer-Encoding: base64\n\nx\n--XX--", "--XX\n\(disposition)\n\na\0b\n--XX--",
        "--XX\n\(disposition)\nX: \(String(repeating: "y", count: 5000))\n\nx\n--XX--", "--XX\n\(disposition)\n\nx\n--XX",
        "--XX\n\(disposition)\n\nx\n--XX-", "--XX\n\(disposition); filename\n\nx\n--XX--",
    ]) func partsThatAreNoneAreRefused(body: String) { #expect(throws: Form.Failure.self) { try multipart(body) } }

    @Test func partsHaveBounds() throws {
        var limits = Form.Limits()
        (limits.parts, limits.nameBytes, limits.valueBytes, limits.fileBytes) = (2, 3, 4, 5)
        func part(_ name: String, _ value: String, file: Bool = false) -> String {
            "--XX\nContent-Disposition: form-data; name=\"\(name)\"\(file ? "; filename=\"a.b\"" : "")\n\n\(value)\n"
        }
        let most = try multipart(part("abc", "1234") + part("f", "12345", file: true) + "--XX--", limits: limits)
        #expect(most["abc"] == "1234" && most.file("f")?.bytes.count == 5)
        for (body, field) in [
            (part("abcd", "1"), nil), (part("a", "12345"), "a"), (part("f", "123456", file: true), "f"),
            (part("a", "") + part("b", "") + part("c", ""), nil),
        ] as [(String, String?)] {
            let error = #expect(throws: Form.Failure.self) { try multipart(body + "--XX--", limits: limits) }
            #expect(error?.field == field)
        }
    }

    @Test(arguments: ["../../etc/passwd", "a/b\\c", "/", "a\u{1}b", String(repeating: "单", count: 500)]) func aFilesNameIsOnlyAName(
        name: String
    ) throws {
        let form = try multipart("--XX\nContent-Disposition: form-data; name=\"f\"; filename=\"\(name)\"\n\nx\n--XX--")
        let read = try #require(form.files.first?.file.name)
        #expect(!read.contains { "/\\\u{1}".contains($0) } && read.utf8.count <= 200)
    }
}
