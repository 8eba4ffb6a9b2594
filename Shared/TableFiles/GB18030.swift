import Glibc

/// GB18030, the encoding in which spreadsheets on Chinese Windows save CSV, by glibc's iconv; strict both ways.
public enum GB18030 {
    /// The text as UTF-8. GB2312 and GBK are subsets and are read too.
    /// - Throws: `CSVError` `notGB18030` with the offset and the line of the first byte that is not, or `converterMissing`.
    public static func decode(_ bytes: [UInt8]) throws(CSVError) -> [UInt8] {
        // Two bytes become at most three, four at most four.
        switch convert(bytes, from: "GB18030", to: "UTF-8", capacity: bytes.count / 2 * 3 + 8) {
        case .done(let text): return text
        case .noConverter: throw CSVError(.converterMissing)
        case .invalid(let offset): throw CSVError(.notGB18030, line: lineNumber(at: offset, in: bytes), byteOffset: offset)
        }
    }

    /// The UTF-8 text as GB18030.
    /// - Throws: `CSVError` `notEncodable` or `converterMissing`.
    public static func encode(_ utf8: [UInt8]) throws(CSVError) -> [UInt8] {
        // One byte stays one, two become at most four, three at most four.
        switch convert(utf8, from: "UTF-8", to: "GB18030", capacity: utf8.count * 2 + 8) {
        case .done(let text): return text
        case .noConverter: throw CSVError(.converterMissing)
        case .invalid(let offset): throw CSVError(.notEncodable, byteOffset: offset)
        }
    }

    /// The physical line, from 1, that holds the byte at `offset`.
    static func lineNumber(at offset: Int, in bytes: [UInt8]) -> Int {
        var line = 1
        for index in 0..<min(offset, bytes.count) {
            let byte = bytes[index]
            let endsLine = byte == 0x0A || (byte == 0x0D && (index + 1 == bytes.count || bytes[index + 1] != 0x0A))
            if endsLine { line += 1 }
        }
        return line
    }

    private enum Conversion {
        case done([UInt8])
        case invalid(offset: Int)
        case noConverter
    }

    private static func convert(_ bytes: [UInt8], from source: String, to target: String, capacity: Int) -> Conversion {
        guard let converter = iconv_open(target, source), converter != iconv_t(bitPattern: -1) else { return .noConverter }
        defer { iconv_close(converter) }
        var consumed = 0
        let converted = [UInt8](unsafeUninitializedCapacity: capacity) { output, written in
            bytes.withUnsafeBytes { input in
                // iconv's prototype lacks a const: it does not write to its input.
                var from = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: CChar.self)
                var left = input.count
                var to = output.baseAddress.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self) }
                var room = capacity
                _ = iconv(converter, &from, &left, &to, &room)
                consumed = input.count - left
                written = capacity - room
            }
        }
        return consumed == bytes.count ? .done(converted) : .invalid(offset: consumed)
    }
}
