/// A generator of pseudo-random numbers that gives the same sequence everywhere (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Documents that are nearly the ones that Daifa's messages are, and nearly not JSON.
struct Mutations {
    static let seeds: [[UInt8]] = [
        #"{"orderId":"pdd:1","remark":"请尽快发货","lines":[{"sku":"S-1","quantity":2,"price":1990,"ratio":0.25},{"sku":"é","quantity":1,"price":0}],"urgent":true,"kind":"factory","holds":["a","b"]}"#,
        #"{"orderId":"x","lines":[],"urgent":null,"kind":"warehouse","remark":null,"unknown":{"a":[1,2.5,-3e2,{"b":null}]}}"#,
        #"{ "orderId" : "\u5c3d\ud83d\ude00\n\/\"" , "lines" : [ { "sku" : "" , "quantity" : 1.0 , "price" : 1e2 } ] , "urgent" : false }"#,
        #"[0,-0,-0.0,1.0,1e2,9223372036854775807,-9223372036854775808,9007199254740993.0,1.7976931348623157e308,5e-324]"#,
        #""only text""#, "12.5", "null", "[[[[1]]]]",
        "{\"orderId\":\"1\",\"orderId\":\"2\",\"lines\":[{\"sku\":\"a\",\"sku\":\"b\",\"quantity\":1,\"price\":2}]}",
    ].map { Array($0.utf8) }

    static let tokens: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "tru", "nul", " ", "\n", "\t", "\r", "\u{0C}", "\u{A0}",
            "//", "/**/", "'", "{}",
            "[]", "\"\"", "0", "-", "-0", "00", "01", "+1", ".5", "1.", "1.e1", "1e", "1e+", "1E5", "1e-1", "0.0", "-0.0", "1.0", "10e-1",
            "1e2", "1e18",
            "1e19", "1e400", "-1e400", "1e-400", "1e308", "1.8e308", "0.1", "123456789012345678901234567890", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "9223372036854775807.0", "9007199254740992.0",
            "9007199254740993.0", "90071992547409930e-1", "9007199254740993.5", "1.0000000000000001", "5e-324", "2e-324", "0x10", "NaN",
            "Infinity",
            "-Infinity", "\\u0041", "\\u0000", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "\\ud83dx", "\\uD83D\\u0041", "\\/", "\\x", "\\u12",
            "\\u123g",
            "\\b\\f\\n\\r\\t", "\"orderId\":", "\"lines\":", "\"sku\":\"z\",", "\"quantity\":3,", "\"order\\u0049d\":\"e\",", "\"factory\"",
            "\"é\"",
            "\"e\u{301}\"", "\u{FEFF}", "\u{1F600}", "\u{2028}", "\u{7F}",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE8, 0xAF], [0xEF, 0xBB, 0xBF], [0xFE, 0xFF], [0x00],
            [0x1F], [0xF0, 0x9F],
        ]

    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(state: seed) }

    mutating func next() -> [UInt8] {
        var document = Self.seeds.randomElement(using: &random) ?? []
        // One in eight stays whole JSON more often: few changes find what the many hide.
        for _ in 0..<Int.random(in: 1...(Bool.random(using: &random) ? 1 : 4), using: &random) { change(&document) }
        return document
    }

    private mutating func change(_ document: inout [UInt8]) {
        let place = Int.random(in: 0...document.count, using: &random)
        let token = Self.tokens.randomElement(using: &random) ?? []
        switch Int.random(in: 0..<12, using: &random) {
        case 0: if place < document.count { document[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 1: if place < document.count { document[place] = UInt8.random(in: 0...255, using: &random) }
        case 2: document.removeSubrange(place...)
        case 3: document.replaceSubrange(span(document, from: place), with: [])
        case 4: document.insert(contentsOf: document[span(document, from: place)], at: place)
        case 5, 6: document.insert(contentsOf: token, at: place)
        case 7, 8: replaceValue(&document, with: token)
        case 9:
            let other = Self.seeds.randomElement(using: &random) ?? []
            document.replaceSubrange(place..., with: other[Int.random(in: 0...other.count, using: &random)...])
        case 10:
            // Around the greatest depth that both accept; rarely, for such documents are slow.
            guard Int.random(in: 0..<50, using: &random) == 0 else { return replaceValue(&document, with: token) }
            let depth = Int.random(in: 505...515, using: &random)
            replaceValue(
                &document, with: Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth))
        default:
            let from = span(document, from: place)
            let piece = document[from]
            document.replaceSubrange(from, with: [])
            document.insert(contentsOf: piece, at: Int.random(in: 0...document.count, using: &random))
        }
    }

    /// Puts a token in the place of a number, literal or string.
    private mutating func replaceValue(_ document: inout [UInt8], with token: [UInt8]) {
        let isEdge: (UInt8) -> Bool = { [0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D, 0x20].contains($0) }
        let starts = document.indices.filter { $0 > 0 && isEdge(document[$0 - 1]) && !isEdge(document[$0]) }
        guard let start = starts.randomElement(using: &random) else { return document = token }
        let end = document[start...].firstIndex(where: isEdge) ?? document.count
        document.replaceSubrange(start..<end, with: token)
    }

    private mutating func span(_ document: [UInt8], from place: Int) -> Range<Int> {
        place..<min(document.count, place + Int.random(in: 1...24, using: &random))
    }
}
