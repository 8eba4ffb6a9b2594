import JSON
import Testing

private enum Size: String, JSONEnumeration { case small, extraLarge = "extra-large" }

private func document(_ value: some JSONCodable) -> String { String(decoding: value.json, as: UTF8.self) }

/// Whether a check says that these bytes are as they would be written.
func isAsWritten<Value: JSONCodable>(_ type: Value.Type, _ text: String) throws -> Bool {
    try Array(text.utf8).withUnsafeBytes { bytes in
        var reader = JSONReader(bytes)
        let asWritten = try Value.checkJSON(&reader)
        try reader.finish()
        return asWritten
    }
}

@Suite struct ScalarTests {
    @Test func escapesWhatJSONCannotHold() throws {
        #expect(
            document("\u{0}\u{1}\u{8}\t\n\u{B}\u{C}\r\u{1F}\"\\/\u{7F}é请😀") == #""\u0000\u0001\b\t\n\u000b\f\r\u001f\"\\/"# + "\u{7F}é请😀\"")
        // At each place of the eight bytes that are looked at together.
        for place in 0..<20 {
            for special in ["\"", "\\", "\n", "\u{1F}"] {
                var text = String(repeating: "a", count: 20)
                text.insert(contentsOf: special, at: text.index(text.startIndex, offsetBy: place))
                #expect(try String.decode(text.json) == text)
            }
        }
    }

    @Test(arguments: [
        0, 9, 10, 99, 100, -1, 999_999_999_999_999_999, 1_000_000_000_000_000_000, Int.max, Int.min, Int.max - 1, Int.min + 1,
    ])
    func writesAndReadsWholeNumbers(value: Int) throws {
        #expect(document(value) == "\(value)")
        #expect(try Int.decode("\(value)") == value)
        #expect(try Int.decode(" \(value) ") == value)
        #expect(try isAsWritten(Int.self, "\(value)"))
    }

    @Test(arguments: [
        ("1.0", 1), ("1e2", 100), ("-0", 0), ("-0.0", 0), ("10e-1", 1), ("9007199254740993.0", 9_007_199_254_740_993),
        ("90071992547409930e-1", 9_007_199_254_740_993), ("9.223372036854774785e18", 9_223_372_036_854_774_785),
        ("-9223372036854775808.0", Int.min),
    ])
    func readsWholeNumbersInOtherForms(text: String, value: Int) throws {
        #expect(try Int.decode(text) == value)
        #expect(try !isAsWritten(Int.self, text))
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "9223372036854775808.0", "1e19", "1e400", "1.5", "9007199254740993.5", "\"1\"",
        "null",
    ])
    func refusesOtherNumbers(text: String) {
        #expect { try Int.decode(text) } throws: { ($0 as? JSONError)?.kind == .invalid }
    }

    @Test(arguments: ["01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "1 2"])
    func refusesWhatIsNoNumber(text: String) {
        #expect { try Int.decode(text) } throws: { ($0 as? JSONError)?.isSyntax == true }
        #expect { try Double.decode(text) } throws: { ($0 as? JSONError)?.isSyntax == true }
    }

    @Test(arguments: [0.1, -0.0, 1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 9_007_199_254_740_994, 1e15, -1.5])
    func keepsEveryBitOfADouble(value: Double) throws {
        #expect(try Double.decode(value.json).bitPattern == value.bitPattern)
    }

    @Test(arguments: ["1e400", "-1.8e308", "1e-400", "-0.0002e-324"])
    func refusesWhatADoubleCannotHold(text: String) {
        #expect { try Double.decode(text) } throws: { ($0 as? JSONError)?.kind == .invalid }
    }

    @Test func writesNullForWhatIsNoNumber() {
        #expect(document(Double.nan) == "null")
        #expect(document(-Double.infinity) == "null")
    }

    @Test(arguments: ["\"a\"", "\"请\"", "\"\""])
    func tellsTextAsWritten(text: String) throws { #expect(try isAsWritten(String.self, text)) }

    @Test(arguments: [#""\/""#, #""\u0041""#, #""\n""#, #""\"""#, #""\ud83d\ude00""#])
    func takesNoEscapeForWritten(text: String) throws {
        #expect(try !isAsWritten(String.self, text))
        let value = try String.decode(text)
        #expect(try Verbatim<String>.decode(text).bytes == value.json)
    }

    @Test(arguments: [#""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#, #""\x""#, #""\u12""#, "\"a", "\"\n\"", #""\"#])
    func refusesBrokenText(text: String) {
        #expect { try String.decode(text) } throws: { ($0 as? JSONError)?.isSyntax == true }
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE8, 0xAF], [0xE0, 0x80, 0x80]] as [[UInt8]])
    func refusesWhatIsNotUTF8(bytes: [UInt8]) {
        #expect { try String.decode([0x22] + bytes + [0x22]) } throws: { ($0 as? JSONError)?.kind == .syntax(offset: 1) }
    }

    @Test func readsOnlyTheCasesOfAnEnumeration() throws {
        #expect(try Size.decode("\"extra-large\"") == .extraLarge)
        #expect(document(Size.extraLarge) == "\"extra-large\"")
        #expect(throws: JSONError.invalid("expected one of small, extra-large")) { try Size.decode("\"extraLarge\"") }
        #expect(try isAsWritten(Size.self, "\"small\""))
        #expect(try !isAsWritten(Size.self, #""\u0073mall""#))
        #expect(Size.schema.values == ["small", "extra-large"])
    }

    @Test func boundsNesting() throws {
        func nested(_ depth: Int) -> [UInt8] { Array(repeating: 0x5B, count: depth) + Array(repeating: 0x5D, count: depth) }
        #expect(nested(JSONReader.maximumDepth).withUnsafeBytes { JSONReader.isJSON($0) })
        #expect(!nested(JSONReader.maximumDepth + 1).withUnsafeBytes { JSONReader.isJSON($0) })
        #expect { try JSONValue.decode(nested(100_000)) } throws: { ($0 as? JSONError)?.isSyntax == true }
    }

    @Test func writesMembersOfADictionaryInOrder() throws {
        let members = try [String: Int].decode(#"{"b":1,"a":2,"b":3}"#)
        #expect(document(members) == #"{"a":2,"b":3}"#)
        #expect { try [String: Int].decode(#"{"a":"x"}"#) } throws: { ($0 as? JSONError)?.path == "a" }
    }

    @Test(arguments: ["null", "true", "[]", "{}", #"{"a":[1,-2.5,"x",null,false,{"b":{}}],"a":1}"#, "1e+300"])
    func returnsTreesAsTheyWere(text: String) throws { #expect(document(try JSONValue.decode(text)) == text) }

    @Test func passesAByteOrderMark() throws {
        #expect(try Int.decode([0xEF, 0xBB, 0xBF, 0x31]) == 1)
        #expect(throws: JSONError.self) { try Int.decode([0x31, 0xEF, 0xBB, 0xBF]) }
        #expect(throws: JSONError.self) { try Int.decode([] as [UInt8]) }
    }
}
