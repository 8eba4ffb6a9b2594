extension OrderExport {
    /// Cells' texts as values. Nothing goes through floating point; nil means that the text is not such a value.
    package enum Value {
        /// Yuan with at most two decimals, as fen: "12.5" is 1250, "1,299.00" is 129900. At most thirteen digits before the point.
        static func minorUnits(yuan text: String) -> Int64? {
            guard let text = withoutThousands(text) else { return nil }
            var amount: Int64 = 0
            var (whole, decimals, seenPoint) = (0, 0, false)
            for byte in text.utf8 {
                if byte == UInt8(ascii: "."), !seenPoint {
                    seenPoint = true
                    continue
                }
                guard let digit = digit(byte) else { return nil }
                if seenPoint { decimals += 1 } else { whole += 1 }
                guard whole <= 13, decimals <= 2 else { return nil }
                amount = amount * 10 + Int64(digit)
            }
            guard whole > 0, !seenPoint || decimals > 0 else { return nil }
            for _ in decimals..<2 { amount *= 10 }
            return amount
        }

        /// A number without the commas that stand before groups of three digits, full-width ones too; nil where they stand elsewhere.
        private static func withoutThousands(_ text: String) -> String? {
            let text = text.replacing("，", with: ",")
            guard text.utf8.contains(UInt8(ascii: ",")) else { return text }
            let point = text.firstIndex(of: ".") ?? text.endIndex
            let groups = text[..<point].split(separator: ",", omittingEmptySubsequences: false)
            guard (1...3).contains(groups[0].utf8.count), groups.dropFirst().allSatisfy({ $0.utf8.count == 3 }) else { return nil }
            return groups.joined() + text[point...]
        }

        /// 1 to 999,999, also "1,200".
        static func quantity(_ text: String) -> Int? {
            guard let text = withoutThousands(text) else { return nil }
            guard (1...6).contains(text.utf8.count) else { return nil }
            var quantity = 0
            for byte in text.utf8 {
                guard let digit = digit(byte) else { return nil }
                quantity = quantity * 10 + digit
            }
            return quantity > 0 ? quantity : nil
        }

        /// `yyMMdd-` and 15 digits, or `yyyyMMdd-` and 9 to 15 digits.
        package static func isOrderNumber(_ text: String) -> Bool {
            guard let hyphen = text.utf8.firstIndex(of: UInt8(ascii: "-")) else { return false }
            let date = text.utf8[..<hyphen]
            let serial = text.utf8[text.utf8.index(after: hyphen)...]
            guard serial.allSatisfy({ digit($0) != nil }), date.allSatisfy({ digit($0) != nil }) else { return false }
            guard date.count == 6 ? serial.count == 15 : date.count == 8 && (9...15).contains(serial.count) else { return false }
            let monthAndDay = date.suffix(4).reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            return (1...12).contains(monthAndDay / 100) && (1...31).contains(monthAndDay % 100)
        }

        /// The start, in Beijing, of the day in an order number, in milliseconds since 1970.
        static func day(ofOrderNumber text: String) -> Int64? {
            guard isOrderNumber(text) else { return nil }
            let digits = text.prefix { $0 != "-" }
            let date = digits.count == 6 ? "20" + digits : String(digits)
            return BeijingTime.milliseconds("\(date.prefix(4))-\(date.dropFirst(4).prefix(2))-\(date.suffix(2)) 00:00")
        }

        /// Digits, letters and signs of full width as those of half width: what an input method leaves in pasted numbers.
        static func halfWidth(_ text: String) -> String {
            guard text.unicodeScalars.contains(where: { (0xFF01...0xFF5E).contains($0.value) }) else { return text }
            var folded = String.UnicodeScalarView()
            for scalar in text.unicodeScalars {
                folded.append((0xFF01...0xFF5E).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value - 0xFEE0)) : scalar)
            }
            return String(folded)
        }

        /// "2.1E+20": what a spreadsheet makes of a long number. The digits it cut off are lost.
        static func isScientific(_ text: String) -> Bool {
            let bytes = text.utf8
            guard let sign = bytes.lastIndex(of: UInt8(ascii: "+")), sign > bytes.startIndex else { return false }
            let exponent = bytes[bytes.index(after: sign)...]
            let mantissa = bytes[..<bytes.index(before: sign)]
            guard bytes[bytes.index(before: sign)] | 0x20 == UInt8(ascii: "e"), (1...3).contains(exponent.count) else { return false }
            return !mantissa.isEmpty && exponent.allSatisfy { digit($0) != nil }
                && mantissa.allSatisfy { digit($0) != nil || $0 == UInt8(ascii: ".") }
        }

        /// A mobile, landline or virtual number: "1xxxxxxxxxx-1234" and "1xxxxxxxxxx[1234]" have an extension, "0571-xxxxxxxx" has none.
        /// Spaces, parentheses around an area code and a leading +86 are dropped; asterisks of a masked number are kept.
        static func phone(_ text: String) -> Phone? {
            var (rest, ext) = bracketedExtension(text)
            rest.removeAll { $0 == " " || $0 == "(" || $0 == ")" || $0 == "（" || $0 == "）" }
            if rest.hasPrefix("+86") {
                rest.removeFirst(rest.hasPrefix("+86-") ? 4 : 3)
            } else if rest.hasPrefix("86-") {
                rest.removeFirst(3)
            }
            if ext == nil, !rest.hasPrefix("0"), let hyphen = rest.firstIndex(of: "-") {
                let digits = rest[rest.index(after: hyphen)...]
                // Numbers of companies, such as 400-xxx-xxxx, keep their hyphens.
                if rest[..<hyphen].utf8.count >= 7 {
                    guard isExtension(digits) else { return nil }
                    ext = String(digits)
                    rest = String(rest[..<hyphen])
                }
            }
            let marks = rest.utf8.count { digit($0) != nil || $0 == UInt8(ascii: "*") }
            guard (7...13).contains(marks), rest.utf8.allSatisfy({ digit($0) != nil || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "-") })
            else { return nil }
            return Phone(number: rest, ext: ext)
        }

        /// Splits "某某[1234]" into 某某 and 1234; a text without such an end stays whole.
        static func bracketedExtension(_ text: String) -> (text: String, ext: String?) {
            guard text.utf8.last == UInt8(ascii: "]"), let open = text.utf8.lastIndex(of: UInt8(ascii: "[")) else { return (text, nil) }
            let inner = text[text.utf8.index(after: open)..<text.utf8.index(before: text.utf8.endIndex)]
            guard isExtension(inner), open > text.utf8.startIndex else { return (text, nil) }
            return (String(text[..<open]), String(inner))
        }

        static func digit(_ byte: UInt8) -> Int? {
            let digit = byte &- UInt8(ascii: "0")
            return digit < 10 ? Int(digit) : nil
        }

        private static func isExtension(_ text: Substring) -> Bool {
            (2...8).contains(text.utf8.count) && text.utf8.allSatisfy { digit($0) != nil }
        }
    }
}
