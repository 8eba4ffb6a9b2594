import Foundation
import Glibc

/// The forms in which a text may be written somewhere.
enum EncodedForms {
    struct Form: Sendable {
        let name: String
        let bytes: [UInt8]
    }

    static func all(of canary: Canary) -> [Form] {
        var forms = encoded(canary.bytes, "")
        if let text = canary.text {
            forms += [("UTF-16LE", String.Encoding.utf16LittleEndian), ("UTF-16BE", .utf16BigEndian)].compactMap { name, encoding in
                text.data(using: encoding).map { Form(name: name, bytes: Array($0)) }
            }
            let units = text.utf16.map { String(format: "%04x", $0) }
            forms.append(Form(name: "JSON escapes", bytes: Array(units.map { "\\u" + $0 }.joined().utf8)))
            forms.append(Form(name: "JSON escapes, capitals", bytes: Array(units.map { "\\u" + $0.uppercased() }.joined().utf8)))
            if !text.utf8.allSatisfy({ $0 < 0x80 }) {
                forms.append(Form(name: "HTML, decimal", bytes: Array(text.unicodeScalars.map { "&#\($0.value);" }.joined().utf8)))
                forms.append(
                    Form(
                        name: "HTML, hexadecimal",
                        bytes: Array(text.unicodeScalars.map { "&#x\(String($0.value, radix: 16));" }.joined().utf8)))
                if let gbk = gbk(canary.bytes) { forms += encoded(gbk, "GBK, ") }
            }
        }
        // Some are the same for some texts.
        var seen: Set<[UInt8]> = []
        return forms.filter { seen.insert($0.bytes).inserted }
    }

    /// What can be made of bytes, whatever they mean.
    private static func encoded(_ bytes: [UInt8], _ prefix: String) -> [Form] {
        let hexadecimal = bytes.map { String(format: "%02x", $0) }
        func percent(_ digits: [String], all: Bool) -> String {
            zip(bytes, digits).map { !all && isUnreserved($0) ? String(UnicodeScalar($0)) : "%" + $1 }.joined()
        }
        let capitals = hexadecimal.map { $0.uppercased() }
        let texts = [
            ("hexadecimal", hexadecimal.joined()), ("hexadecimal, capitals", capitals.joined()),
            ("percent", percent(capitals, all: false)), ("percent, small letters", percent(hexadecimal, all: false)),
            ("percent, every byte", percent(capitals, all: true)),
            ("percent twice", percent(capitals, all: false).replacing("%", with: "%25")),
        ]
        return [Form(name: prefix + "as it is", bytes: bytes)]
            + texts.map { Form(name: prefix + $0.0, bytes: Array($0.1.utf8)) }
            + (0..<3).flatMap { base64(bytes, at: $0, prefix) }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// The characters of base64 that depend on these bytes alone, when so many others (modulo 3) stand before them.
    private static func base64(_ bytes: [UInt8], at offset: Int, _ prefix: String) -> [Form] {
        let whole = Data(repeating: 0, count: offset) + bytes
        let first = (offset * 8 + 5) / 6
        let end = whole.count * 8 / 6
        let text = String(whole.base64EncodedString().dropFirst(first).prefix(end - first))
        let url = text.replacing("+", with: "-").replacing("/", with: "_")
        return [
            Form(name: "\(prefix)base64 at \(offset)", bytes: Array(text.utf8)),
            Form(name: "\(prefix)base64url at \(offset)", bytes: Array(url.utf8)),
        ]
    }

    /// nil where this system, or GBK, cannot.
    private static func gbk(_ utf8: [UInt8]) -> [UInt8]? {
        guard let converter = iconv_open("GBK", "UTF-8"), converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }
        var input = utf8.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: utf8.count * 2)
        let written = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output -> Int? in
                var (from, left) = (input.baseAddress, input.count)
                var (to, room) = (output.baseAddress, output.count)
                guard iconv(converter, &from, &left, &to, &room) != -1 else { return nil }
                return output.count - room
            }
        }
        return written.map { output.prefix($0).map { UInt8(bitPattern: $0) } }
    }
}
