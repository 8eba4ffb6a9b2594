import Kafka
import Testing

@Suite struct RecordPackerTests {
    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    private func packed(_ body: (inout RecordPacker) -> Void) -> [UInt8] {
        var packer = RecordPacker(capacity: 64)
        body(&packer)
        return packer.withBytes { Array($0) }
    }

    private var twoRecords: [UInt8] {
        packed { packer in
            bytes("key").withUnsafeBytes { packer.begin(topicIndex: 3, partition: 7, key: $0) }
            bytes(String(repeating: "v", count: 300)).withUnsafeBytes { packer.value($0) }
            packer.header(name: "a", value: "1")
            packer.header(name: "a", value: "2")
            packer.header(name: "empty", value: UnsafeRawBufferPointer(start: nil, count: 0))
            packer.header(name: "none", value: UnsafeRawBufferPointer?.none)
            packer.end()
            packer.begin(topicIndex: 0, key: nil)
            packer.value(nil)
            packer.end()
        }
    }

    @Test func whatIsPackedIsRead() throws {
        try twoRecords.withUnsafeBytes { all in
            var records = PackedRecords(all)
            let first = try #require(try records.next())
            #expect(first.topicIndex == 3)
            #expect(first.partition == 7)
            #expect(first.key.map(Array.init) == bytes("key"))
            #expect(first.value?.count == 300)
            #expect(
                first.headers == [
                    .init(name: "a", value: bytes("1")), .init(name: "a", value: bytes("2")), .init(name: "empty", value: []),
                    .init(name: "none", value: nil),
                ])
            let second = try #require(try records.next())
            #expect(second.partition == -1)
            #expect(second.key == nil)
            #expect(second.value == nil)
            #expect(second.headerCount == 0)
            #expect(try records.next() == nil)
        }
    }

    @Test func aValueIsWrittenInPlace() throws {
        let inPlace = packed { packer in
            packer.begin(topicIndex: 1, key: nil)
            packer.beginValue()
            packer.append(UInt8(ascii: "{"))
            packer.withSpace(1000) { space in
                for index in 0..<500 { space[index] = UInt8(ascii: "x") }
                return 500
            }
            bytes("}").withUnsafeBytes { packer.append($0) }
            packer.endValue()
            packer.header(name: "h", value: "v")
            packer.end()
        }
        let whole = packed { packer in
            packer.begin(topicIndex: 1, key: nil)
            bytes("{" + String(repeating: "x", count: 500) + "}").withUnsafeBytes { packer.value($0) }
            packer.header(name: "h", value: "v")
            packer.end()
        }
        #expect(inPlace == whole)
    }

    @Test func packedHeadersAreCopied() throws {
        let copy = try twoRecords.withUnsafeBytes { all in
            var records = PackedRecords(all)
            let first = try #require(try records.next())
            return packed { packer in
                packer.begin(topicIndex: 0, key: nil)
                packer.value(nil)
                packer.header(name: "before", value: "b")
                packer.headers(packed: first.packedHeaders)
                packer.end()
            }
        }
        try copy.withUnsafeBytes { all in
            var records = PackedRecords(all)
            let record = try #require(try records.next())
            #expect(record.headers.map(\.name) == ["before", "a", "a", "empty", "none"])
        }
    }

    @Test func aCancelledRecordLeavesNothing() {
        var packer = RecordPacker()
        packer.begin(topicIndex: 0, key: nil)
        packer.value(nil)
        packer.end()
        let before = packer.count
        packer.begin(topicIndex: 0, key: nil)
        packer.beginValue()
        packer.append(1)
        packer.cancel()
        #expect(packer.count == before)
        #expect(packer.recordCount == 1)
        packer.reset()
        #expect(packer.count == 0)
        #expect(packer.recordCount == 0)
    }

    @Test func bytesThatEndEarlyAreCorrupt() {
        let all = twoRecords
        for length in 1..<all.count {
            all.withUnsafeBytes { bytes in
                var records = PackedRecords(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
                var read = 0
                do {
                    while try records.next() != nil { read += 1 }
                    // only between the two records
                    #expect(read == 1)
                } catch {
                    #expect(read <= 1)
                }
            }
        }
    }

    @Test func noByteMakesTheReaderLeaveItsBounds() {
        let all = twoRecords
        for position in all.indices {
            for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
                var changed = all
                changed[position] = value
                changed.withUnsafeBytes { bytes in
                    var records = PackedRecords(bytes)
                    var total = 0
                    while let record = try? records.next() { total += (record.value?.count ?? 0) + record.headers.count }
                    #expect(total <= all.count)
                }
            }
        }
    }

    @Test func aLengthThatDoesNotFitIsNamed() {
        var changed = twoRecords
        changed[12] = 0x7f  // the highest byte of the key's length
        changed.withUnsafeBytes { bytes in
            var records = PackedRecords(bytes)
            let error = #expect(throws: PackedRecords.Corruption.self) { try records.next() }
            #expect(error?.description == "packed record at byte 0: its key does not fit")
        }
    }
}
