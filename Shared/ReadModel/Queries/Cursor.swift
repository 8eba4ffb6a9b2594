/// Where a page ended: the sort key of its last item. As text it is opaque, and belongs to one list with one set of filters.
struct Cursor: Equatable {
    /// The item's time in milliseconds since 1970, or what else the list is sorted by.
    var at: Int
    /// Of items with the same time: hash of the id.
    var key: Int
    /// In lists that are sorted by id: the id.
    var id = ""

    private static let version: UInt8 = 1

    /// - Parameter scope: what the list shows: another list or other filters make another text.
    func text(scope: Int) -> String {
        var bytes: [UInt8] = [Self.version]
        for number in [at, key, scope] { bytes.append(contentsOf: Self.bytes(number)) }
        bytes.append(contentsOf: id.utf8)
        let sum = StableHash.of(bytes)
        bytes.append(contentsOf: Self.bytes(sum))
        return Self.hexadecimal(bytes)
    }

    /// - Throws: `invalid`, field `after`, for anything but a text that was given for this list and these filters.
    init(_ text: String, scope: Int) throws(ReadModelError) {
        let wrong = ReadModelError.invalid(
            field: "after", message: "expected the value of next of a page of this list with the same filters; leave it out to begin anew")
        guard let bytes = Self.bytes(hexadecimal: text), bytes.count >= 33, bytes[0] == Self.version,
            Self.number(bytes[(bytes.count - 8)...]) == StableHash.of(bytes[..<(bytes.count - 8)]), Self.number(bytes[17..<25]) == scope,
            let id = String(validating: bytes[25..<(bytes.count - 8)], as: UTF8.self)
        else { throw wrong }
        at = Self.number(bytes[1..<9])
        key = Self.number(bytes[9..<17])
        self.id = id
    }

    init(at: Int, key: Int, id: String = "") {
        self.at = at
        self.key = key
        self.id = id
    }

    private static func bytes(_ number: Int) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }
}

/// A hash that is the same in every process: 64-bit FNV-1a, mixed once more so that near texts are far apart.
enum StableHash {
    static func of(_ bytes: some Sequence<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash ^= hash >> 32
        hash = hash &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 32
        return Int(bitPattern: UInt(hash))
    }

    static func of(_ text: String) -> Int { of(text.utf8) }
}
