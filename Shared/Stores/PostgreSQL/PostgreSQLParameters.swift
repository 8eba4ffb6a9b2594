import CPostgreSQL

/// Types of parameters, as `pg_type` numbers them.
enum PostgreSQLType {
    static let bytea: Oid = 17
    static let bigint: Oid = 20
    static let text: Oid = 25
    static let byteaArray: Oid = 1001
    static let textArray: Oid = 1009
    static let bigintArray: Oid = 1016
}

/// The parameters of one call, in binary form, one behind the other.
struct PostgreSQLParameters {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    init() {}

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    mutating func add(_ value: Int64) {
        append(value)
        ends.append(bytes.count)
    }

    mutating func add(_ value: [UInt8]) {
        bytes += value
        ends.append(bytes.count)
    }

    mutating func add(_ value: String) {
        bytes += value.utf8
        ends.append(bytes.count)
    }

    /// An array of `bytea` whose elements are texts in UTF-8.
    mutating func add<Values: Collection>(keys values: Values, _ text: (Values.Element) -> String) {
        begin(of: PostgreSQLType.bytea, values.count)
        for value in values { element(text(value).utf8) }
        ends.append(bytes.count)
    }

    mutating func add<Values: Collection>(blobs values: Values, _ blob: (Values.Element) -> [UInt8]) {
        begin(of: PostgreSQLType.bytea, values.count)
        for value in values { element(blob(value)) }
        ends.append(bytes.count)
    }

    mutating func add<Values: Collection>(texts values: Values, _ text: (Values.Element) -> String) {
        begin(of: PostgreSQLType.text, values.count)
        for value in values { element(text(value).utf8) }
        ends.append(bytes.count)
    }

    /// - Parameter number: nil: NULL.
    mutating func add<Values: Collection>(numbers values: Values, _ number: (Values.Element) -> Int64?) {
        begin(of: PostgreSQLType.bigint, values.count, mayHoldNull: true)
        for value in values {
            if let number = number(value) {
                append(Int32(8))
                append(number)
            } else {
                append(Int32(-1))
            }
        }
        ends.append(bytes.count)
    }

    /// The head of an array in binary form: dimensions, whether it may hold NULL, type of its elements, their number, the first's index.
    private mutating func begin(of type: Oid, _ count: Int, mayHoldNull: Bool = false) {
        append(Int32(count == 0 ? 0 : 1))
        append(Int32(mayHoldNull ? 1 : 0))
        append(type)
        guard count > 0 else { return }
        append(Int32(count))
        append(Int32(1))
    }

    private mutating func element(_ value: some Collection<UInt8>) {
        append(Int32(value.count))
        bytes += value
    }

    private mutating func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.bigEndian) { bytes += $0 } }

    /// Hands over what libpq is to be given; it copies all of it.
    func withPointers<Result>(
        _ body: (_ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { all in
            var values: [UnsafePointer<CChar>?] = []
            var lengths: [Int32] = []
            var begin = 0
            for end in ends {
                // No bytes at all have no address, and would be NULL.
                values.append(all.baseAddress.map { ($0 + begin).assumingMemoryBound(to: CChar.self) } ?? Self.nothing)
                lengths.append(Int32(end - begin))
                begin = end
            }
            return body(values, lengths, [Int32](repeating: 1, count: ends.count))
        }
    }

    private static var nothing: UnsafePointer<CChar> {
        UnsafeRawPointer(("" as StaticString).utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
