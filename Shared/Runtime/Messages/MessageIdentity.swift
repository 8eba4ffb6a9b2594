import Contracts
import Crypto
import JSON

/// Tells a message from every other: the first 128 bits of a SHA-256 over source and id, for a command over its sender too. Nobody can
/// make a second message with the identity of another's, so nobody can use up an id that somebody else is still to send.
struct MessageIdentity: Hashable {
    var high: UInt64
    var low: UInt64
}

/// Computes identities. For one thread.
final class IdentityHasher {
    private let digest: MessageDigest
    /// The parts of one identity, each after its length: hashed in one piece, as each further one is a call of its own into libcrypto.
    private var parts = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 8)
    private var count = 0

    init() {
        guard let digest = try? MessageDigest() else { preconditionFailure("libcrypto has no SHA-256") }
        self.digest = digest
    }

    deinit { parts.deallocate() }

    /// - Parameters:
    ///   - source: `ce_source`; an absent one counts as an empty one (CloudEvents: source and id together are unique).
    ///   - sender: of a command; nil: of a fact, whoever tells it.
    func identity(source: String, id: String, sender: Actor?) -> MessageIdentity {
        add(source)
        add(id)
        if let sender {
            add(sender.kind.rawValue)
            add(sender.id)
        }
        return finish()
    }

    /// The identity of a command whose sender is not proven; it never equals that of a proven sender's command.
    /// - Parameter claimed: the sender that the command names.
    func identity(source: String, id: String, unproven claimed: Actor?) -> MessageIdentity {
        add(source)
        add(id)
        add("")
        add(claimed?.description ?? "")
        return finish()
    }

    /// A number below `count`, always the same for a text.
    func bucket(_ text: String, below count: UInt64) -> UInt64 {
        add(text)
        return finish().low % count
    }

    /// Adds the part's length as 8 bytes, big-endian, and the part: no two lists of parts add the same bytes.
    private func add(_ part: String) {
        part.withBytes { part in
            reserve(8 + part.count)
            parts.storeBytes(of: UInt64(part.count).bigEndian, toByteOffset: count, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: parts[(count + 8)...]).copyMemory(from: part)
            count += 8 + part.count
        }
    }

    private func reserve(_ more: Int) {
        guard count + more > parts.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: max(2 * parts.count, count + more), alignment: 8)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: parts[..<count]))
        parts.deallocate()
        parts = larger
    }

    private func finish() -> MessageIdentity {
        digest.begin()
        digest.add(UnsafeRawBufferPointer(rebasing: parts[..<count]))
        count = 0
        return withUnsafeTemporaryAllocation(byteCount: MessageDigest.size, alignment: 8) { code in
            digest.finish(into: code)
            return MessageIdentity(high: code.load(as: UInt64.self), low: code.load(fromByteOffset: 8, as: UInt64.self))
        }
    }
}
