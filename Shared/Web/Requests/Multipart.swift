import Glibc
import HTTP

/// multipart/form-data (RFC 7578), in memory.
enum Multipart {
    /// Bytes of a part's headers.
    private static let mostHeader = 4096
    private static let lineEnd: [UInt8] = [0x0D, 0x0A]

    static func read(
        _ body: [UInt8], boundary: String, _ limits: Form.Limits, into fields: inout [HTTPRequest.Field],
        _ files: inout [(field: String, file: Form.File)]
    ) throws(Form.Failure) {
        // RFC 2046, section 5.1.1.
        guard (1...70).contains(boundary.utf8.count), boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw Form.Failure("the form's boundary is longer than 70 characters, or not of visible ones")
        }
        let mark = Array("--\(boundary)".utf8)
        // What stands before the first mark is nobody's.
        guard var at = body.starts(with: mark) ? mark.count : find(lineEnd + mark, body[...], from: 0).map({ $0 + 2 + mark.count }) else {
            throw Form.Failure("the form's boundary is not in its body")
        }
        let separator = lineEnd + mark
        while true {
            if body[at...].starts(with: "--".utf8) { return }
            at = skipBlanks(body, at)
            guard body[at...].starts(with: lineEnd) else { throw Form.Failure("a boundary's line goes on behind it") }
            guard fields.count + files.count < limits.parts else { throw Form.Failure("the form has more than \(limits.parts) parts") }
            guard let end = find(separator, body[...], from: at) else { throw Form.Failure("the form ends without its boundary") }
            // The line break before a part without headers is the one behind the boundary.
            try part(body[at..<end], number: fields.count + files.count + 1, limits, &fields, &files)
            at = end + separator.count
        }
    }

    private static func part(
        _ part: ArraySlice<UInt8>, number: Int, _ limits: Form.Limits, _ fields: inout [HTTPRequest.Field],
        _ files: inout [(field: String, file: Form.File)]
    ) throws(Form.Failure) {
        let blank = lineEnd + lineEnd
        guard let middle = find(blank, part.prefix(mostHeader), from: part.startIndex) else {
            throw Form.Failure("part \(number) has no headers, or more than \(mostHeader) bytes of them")
        }
        let head = try headers(part[part.startIndex..<middle], number)
        guard let disposition = head["content-disposition"], let (kind, parameters) = Self.disposition(disposition), kind == "form-data",
            let name = parameters.first(where: { $0.name == "name" })?.value
        else { throw Form.Failure("part \(number) does not say its name: Content-Disposition: form-data; name=\"…\"") }
        guard name.utf8.count <= limits.nameBytes else {
            throw Form.Failure("the name of part \(number) has more than \(limits.nameBytes) bytes")
        }
        if let encoding = head["content-transfer-encoding"], !["7bit", "8bit", "binary"].contains(encoding.lowercased()) {
            throw Form.Failure("a transfer encoding is not taken: send the bytes as they are", field: name)
        }
        let content = part[(middle + blank.count)...]
        guard let file = parameters.first(where: { $0.name == "filename" })?.value else {
            guard content.count <= limits.valueBytes else {
                throw Form.Failure("the value has more than \(limits.valueBytes) bytes", field: name)
            }
            guard let value = String(validating: content, as: UTF8.self), !content.contains(0) else {
                throw Form.Failure("the value is not UTF-8", field: name)
            }
            return fields.append(HTTPRequest.Field(name, value))
        }
        guard content.count <= limits.fileBytes else {
            throw Form.Failure("the file has more than \(limits.fileBytes) bytes", field: name)
        }
        let type = head["content-type"].flatMap { MediaType($0) }?.essence ?? ""
        files.append((name, Form.File(name: plain(file, limits.nameBytes), type: type, bytes: Array(content))))
    }

    private static func headers(_ bytes: ArraySlice<UInt8>, _ number: Int) throws(Form.Failure) -> [String: String] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Form.Failure("the headers of part \(number) are not UTF-8") }
        var headers: [String: String] = [:]
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), HeaderText.isToken(line[..<colon]) else {
                throw Form.Failure("part \(number) has a header that is none")
            }
            let name = line[..<colon].lowercased()
            guard headers[name] == nil else { throw Form.Failure("part \(number) has the header \(name) twice") }
            headers[name] = String(HeaderText.trimmed(line[line.index(after: colon)...]))
        }
        return headers
    }

    /// Browsers write `"` in names as `%22` and line breaks as `%0D%0A`, and a backslash as itself (WHATWG HTML, multipart/form-data encoding
    /// algorithm): so nothing is escaped by a backslash here.
    private static func disposition(_ text: String) -> (kind: String, parameters: [(name: String, value: String)])? {
        var rest = text[...]
        let kind = HeaderText.trimmed(rest.prefix { $0 != ";" })
        rest = rest.dropFirst(kind.count)
        guard HeaderText.isToken(kind) else { return nil }
        var parameters: [(name: String, value: String)] = []
        while let semicolon = rest.firstIndex(of: ";") {
            rest = HeaderText.trimmed(rest[rest.index(after: semicolon)...])
            guard let equals = rest.firstIndex(of: "=") else { return rest.isEmpty ? (kind.lowercased(), parameters) : nil }
            let name = HeaderText.trimmed(rest[..<equals])
            guard HeaderText.isToken(name) else { return nil }
            rest = HeaderText.trimmed(rest[rest.index(after: equals)...])
            var value: Substring
            if rest.hasPrefix("\"") {
                rest = rest.dropFirst()
                guard let quote = rest.firstIndex(of: "\"") else { return nil }
                value = rest[..<quote]
                rest = rest[rest.index(after: quote)...]
            } else {
                value = HeaderText.trimmed(rest.prefix { $0 != ";" })
                rest = rest[value.endIndex...]
            }
            let decoded = ["%22": "\"", "%0D": "\r", "%0A": "\n"].reduce(String(value)) { replaced($0, $1.key, $1.value) }
            parameters.append((name.lowercased(), decoded))
        }
        return (kind.lowercased(), parameters)
    }

    private static func replaced(_ text: String, _ old: String, _ new: String) -> String {
        text.contains(old) ? text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new) : text
    }

    /// Without folders, control characters and what is too long.
    private static func plain(_ name: String, _ most: Int) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        let visible = last.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        var text = String(String.UnicodeScalarView(visible))
        while text.utf8.count > most { text.removeLast() }
        return text
    }

    private static func skipBlanks(_ body: [UInt8], _ start: Int) -> Int {
        var at = start
        while at < body.count, body[at] == 0x20 || body[at] == 0x09 { at += 1 }
        return at
    }

    /// Where it begins, at or behind `start`; indices are the whole body's.
    private static func find(_ wanted: [UInt8], _ bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        bytes.withUnsafeBytes { all in
            wanted.withUnsafeBytes { wanted in
                guard let base = all.baseAddress, let first = wanted.first, let wantedBase = wanted.baseAddress else { return nil }
                var at = start - bytes.startIndex
                while at + wanted.count <= all.count {
                    guard let found = memchr(base + at, Int32(first), all.count - wanted.count - at + 1) else { return nil }
                    at = UnsafeRawPointer(found) - base
                    if memcmp(base + at, wantedBase, wanted.count) == 0 { return at + bytes.startIndex }
                    at += 1
                }
                return nil
            }
        }
    }
}
