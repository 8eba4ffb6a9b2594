/// Reads a TZif file (RFC 8536, section 3): the part with times of 64 bits, which version 2 brought, and the rule after it.
struct TimeZoneFile {
    let zone: String
    let bytes: [UInt8]
    private var position = 0

    /// Lengths that the header tells (RFC 8536, section 3.1).
    private struct Counts {
        var utc: Int
        var standard: Int
        var leapSeconds: Int
        var transitions: Int
        var types: Int
        var designations: Int

        /// Bytes of the data after the header, with times of so many bytes.
        func size(time: Int) -> Int {
            transitions * (time + 1) + types * 6 + designations + leapSeconds * (time + 4) + standard + utc
        }
    }

    init(zone: String, bytes: [UInt8]) {
        self.zone = zone
        self.bytes = bytes
    }

    mutating func read() throws(TimeZoneError) -> TimeZone {
        let first = try header()
        try skip(first.size(time: 4))
        let counts = try header()
        let start = position
        try skip(counts.size(time: 8))
        let end = position
        guard counts.types > 0 else { throw bad() }
        let typeIndices = start + counts.transitions * 8
        let types = typeIndices + counts.transitions
        var transitions: [(second: Int, offset: Int)] = []
        for index in 0..<counts.transitions {
            let type = Int(bytes[typeIndices + index])
            let second = Int(Int64(truncatingIfNeeded: number(start + index * 8, 8)))
            guard type < counts.types, transitions.last.map({ $0.second < second }) ?? true else { throw bad() }
            transitions.append((second, try offset(types + type * 6)))
        }
        return TimeZone(zone, transitions, try offset(types), try rule(end))
    }

    private func offset(_ place: Int) throws(TimeZoneError) -> Int {
        let offset = Int(Int32(truncatingIfNeeded: number(place, 4)))
        guard abs(offset) < 26 * 3600 else { throw bad() }
        return offset
    }

    private mutating func header() throws(TimeZoneError) -> Counts {
        let start = position
        try skip(44)
        guard bytes[start..<start + 4].elementsEqual("TZif".utf8), bytes[start + 4] >= UInt8(ascii: "2") else { throw bad() }
        func count(_ index: Int) -> Int { Int(number(start + 20 + index * 4, 4)) }
        return Counts(
            utc: count(0), standard: count(1), leapSeconds: count(2), transitions: count(3), types: count(4), designations: count(5))
    }

    /// The text between two line ends after the data (RFC 8536, section 3.3); empty where nothing is known.
    private func rule(_ place: Int) throws(TimeZoneError) -> TimeZoneRule? {
        guard place < bytes.count, bytes[place] == 0x0A, let end = bytes[(place + 1)...].firstIndex(of: 0x0A) else { throw bad() }
        let text = String(decoding: bytes[place + 1..<end], as: UTF8.self)
        if text.isEmpty { return nil }
        guard let rule = TimeZoneRule(text) else { throw bad() }
        return rule
    }

    private mutating func skip(_ count: Int) throws(TimeZoneError) {
        guard bytes.count - position >= count else { throw bad() }
        position += count
    }

    /// Big-endian.
    private func number(_ place: Int, _ width: Int) -> UInt64 {
        bytes[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func bad() -> TimeZoneError {
        TimeZoneError(zone: zone, reason: "its file is not a TZif file of version 2 or later (RFC 8536)")
    }
}

extension TimeZone {
    fileprivate init(_ name: String, _ transitions: [(second: Int, offset: Int)], _ firstOffset: Int, _ rule: TimeZoneRule?) {
        self.name = name
        self.transitions = transitions
        self.firstOffset = firstOffset
        self.rule = rule
    }
}
