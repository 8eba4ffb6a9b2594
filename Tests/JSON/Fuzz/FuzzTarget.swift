import JSON

struct FuzzItem: DefaultInitializable, Equatable {
    var name = ""
    var count = 0
    var flag: Bool?
    static let fields = Fields<FuzzItem>(Field("name", \.name, .text(40)), Field("count", \.count, -1000...1000), Field("flag", \.flag))
}

enum FuzzKind: String, JSONEnumeration { case factory, warehouse }

struct FuzzDocument: DefaultInitializable, Equatable {
    var id = ""
    var note: String?
    var kind: FuzzKind?
    var number: Int?
    var ratio: Double?
    var items: [FuzzItem]?
    var kept: Verbatim<FuzzItem>?
    var list: Verbatim<[FuzzItem]>?
    var map: [String: Int]?
    var raw: RawJSON?
    static let fields = Fields<FuzzDocument>(
        Field("id", \.id, .any), Field("note", \.note, .filled(20)), Field("kind", \.kind), Field("number", \.number),
        Field("ratio", \.ratio),
        Field("items", \.items, count: 0...20), Field("kept", \.kept), Field("list", \.list), Field("map", \.map), Field("raw", \.raw))
}

/// What decodes must encode and decode to the same value; bytes said to be as written must be what writing gives; a check must find
/// what a read finds.
func examine<Value: JSONCodable & Equatable>(_ type: Value.Type, _ document: UnsafeRawBufferPointer) {
    let value = try? Value.decode(document)
    var reader = JSONReader(document)
    var asWritten: Bool?
    do throws(JSONError) {
        asWritten = try Value.checkJSON(&reader)
        try reader.finish()
    } catch { asWritten = nil }
    precondition((value != nil) == (asWritten != nil), "a check and a read disagree")
    guard let value else { return }
    precondition(JSONReader.isJSON(document), "read, but not JSON")
    let written = value.json
    guard let again = try? Value.decode(written) else { preconditionFailure("what was written is not read") }
    precondition(again == value, "what was written reads as another value")
    precondition(again.json == written, "writing twice differs")
    if asWritten == true { precondition(trimmed(document).elementsEqual(written), "said to be as written, and is not") }
    guard let verbatim = try? Verbatim<Value>.decode(document) else { preconditionFailure("read, but not as verbatim bytes") }
    precondition(verbatim.bytes == written, "verbatim bytes differ from written ones")
}

/// Without a byte order mark and white space around.
private func trimmed(_ document: UnsafeRawBufferPointer) -> Slice<UnsafeRawBufferPointer> {
    var bytes = document[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    while let last = bytes.last, isSpace(last) { bytes = bytes.dropLast() }
    return bytes.drop(while: isSpace)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    // A copy of exactly this size, so that the sanitizer sees a read beyond it.
    let document = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    defer { document.deallocate() }
    document.copyMemory(from: UnsafeRawBufferPointer(start: start, count: count))
    let bytes = UnsafeRawBufferPointer(document)
    examine(JSONValue.self, bytes)
    examine(FuzzDocument.self, bytes)
    return 0
}
