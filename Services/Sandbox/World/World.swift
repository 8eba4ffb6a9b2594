import Crypto
import JSON
import Stores

/// The state of the partners, backed by one file, and their operations on it; used by one thread at a time.
final class World {
    let objects: ObjectStore
    /// The business key of the call that is being answered, for the log of calls.
    private(set) var noted = ""

    init(objects: ObjectStore) { self.objects = objects }

    var now: Int { BeijingTime.now }

    func settings() throws(StoreError) -> Settings { try objects.get(Settings.self, "settings") ?? Settings() }

    func note(_ key: String) { noted = key }
    func forgetNote() { noted = "" }

    /// The number of something new: a prefix, and digits that grow.
    func number(_ prefix: String, digits: Int = 13) throws(StoreError) -> String {
        let count = "\(try objects.next(prefix))"
        return prefix + "4" + String(repeating: "0", count: max(0, digits - 1 - count.count)) + count
    }

    func recordCreate(_ partner: Partner, _ operation: String, key: String, number: String) throws(StoreError) {
        try objects.record(.init(partner: partner.rawValue, operation: operation, key: key, number: number, at: now))
    }

    /// A secret of so many bytes, in hexadecimal.
    func secret(bytes count: Int = 16) throws(StoreError) -> String {
        do throws(CryptoError) { return Hexadecimal.encode(try Random.bytes(count)) } catch {
            throw StoreError(kind: .unavailable, message: "no random bytes: \(error)")
        }
    }
}
