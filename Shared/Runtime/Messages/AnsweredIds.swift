/// The identities of commands and facts that an aggregate has answered, packed: 16 bytes of identity and 4 bytes of time each, oldest first.
///
/// They live in the aggregate's own row, so that remembering costs no write of its own: a copy has the key of its original, and so meets
/// the same aggregate.
struct AnsweredIds {
    private(set) var bytes: [UInt8]

    private static let width = 20
    /// Identities that one aggregate remembers at most: far more than a person or a program sends about one order, and a row of 200 KB at
    /// most. A message beyond them is a dead letter, so that neither the row nor the search for copies grows.
    static let limit = 10_000
    /// Identities that one row remembers for messages that reached no aggregate, or were strangers': anybody can fill it, so the oldest are forgotten instead.
    static let refusedLimit = 1000

    /// - Parameter bytes: as they were stored; what has another form is forgotten.
    init(_ bytes: [UInt8] = []) { self.bytes = bytes.count % Self.width == 0 ? bytes : [] }

    func contains(_ identity: MessageIdentity) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                if bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == identity.high,
                    bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self) == identity.low
                {
                    return true
                }
                offset += Self.width
            }
            return false
        }
    }

    private var count: Int { bytes.count / Self.width }

    /// Whether there is no room for another one, and will be none before the oldest is `retention` seconds old.
    func isFull(now seconds: UInt32, retention: UInt32) -> Bool {
        guard count >= Self.limit else { return false }
        let oldest = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 16, as: UInt32.self) }
        return UInt64(oldest) + UInt64(retention) >= UInt64(seconds)
    }

    /// Adds an identity, and forgets those that are older than `retention` seconds.
    /// - Parameter limit: beyond so many the oldest are forgotten, whatever their age.
    mutating func insert(_ identity: MessageIdentity, now seconds: UInt32, retention: UInt32, limit: Int = .max) {
        var expired = limit < .max ? max(0, count - limit + 1) * Self.width : 0
        bytes.withUnsafeBytes { bytes in
            while expired < bytes.count,
                UInt64(bytes.loadUnaligned(fromByteOffset: expired + 16, as: UInt32.self)) + UInt64(retention) < UInt64(seconds)
            {
                expired += Self.width
            }
        }
        if expired > 0 { bytes.removeFirst(expired) }
        withUnsafeBytes(of: identity.high) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: identity.low) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: seconds) { bytes.append(contentsOf: $0) }
    }
}
