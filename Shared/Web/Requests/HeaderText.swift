public import HTTP

/// Pieces of headers' grammar (RFC 9110, section 5.6).
enum HeaderText {
    static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return text
    }

    static func isToken(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// Parts between separators that stand in no quotes, trimmed; empty ones are left out.
    static func split(_ text: Substring, by separator: UInt8) -> [Substring] {
        var parts: [Substring] = []
        var (start, at) = (text.startIndex, text.startIndex)
        var (isQuoted, isEscaped) = (false, false)
        let bytes = text.utf8
        func end(_ index: Substring.Index) {
            let part = trimmed(text[start..<index])
            if !part.isEmpty { parts.append(part) }
        }
        while at < bytes.endIndex {
            let byte = bytes[at]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == separator, !isQuoted {
                end(at)
                start = bytes.index(after: at)
            }
            at = bytes.index(after: at)
        }
        end(text.endIndex)
        return parts
    }

    /// A token, or a quoted text without its quotes; nil for what is neither.
    static func value(_ text: Substring) -> String? {
        guard text.hasPrefix("\"") else { return isToken(text) ? String(text) : nil }
        guard text.utf8.count >= 2, text.hasSuffix("\"") else { return nil }
        var value: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8.dropFirst().dropLast() {
            if !isEscaped, byte == UInt8(ascii: "\\") {
                isEscaped = true
                continue
            }
            if !isEscaped, byte == UInt8(ascii: "\"") { return nil }
            value.append(byte)
            isEscaped = false
        }
        return isEscaped ? nil : String(decoding: value, as: UTF8.self)
    }

    /// `name=value`; nil for anything else.
    static func parameter(_ text: Substring) -> (name: String, value: String)? {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let name = trimmed(text[..<equals])
        guard isToken(name), let value = value(trimmed(text[text.index(after: equals)...])) else { return nil }
        return (name.lowercased(), value)
    }

    /// A quality of 0 to 1 in thousandths (RFC 9110, section 12.4.2); nil for anything else.
    static func quality(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard let whole = bytes.first, whole == UInt8(ascii: "0") || whole == UInt8(ascii: "1"), bytes.count <= 5 else { return nil }
        var thousandths = Int(whole - UInt8(ascii: "0")) * 1000
        guard bytes.count > 1 else { return thousandths }
        guard bytes[1] == UInt8(ascii: ".") else { return nil }
        var unit = 100
        for digit in bytes.dropFirst(2) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            thousandths += Int(digit - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}

extension HTTPRequest {
    /// All headers of that name, in whatever case, in order.
    public func headerValues(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }
}
